"""Machine instructions that numba has no name for: 8 and 64 bytes at once, and the place of the lowest bit."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_WORD, _BYTE = ir.IntType(64), ir.IntType(8)
_BYTES = ir.VectorType(_BYTE, 64)


@intrinsic
def trailing_zeros(typing_context: Any, value: Any) -> Any:
    """Return how many zero bits stand below the lowest set bit of a uint64; 64 for 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


@intrinsic
def set_bits(typing_context: Any, value: Any) -> Any:
    """Return how many bits of a uint64 are set."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, at: Any, to: Any = _WORD) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), to.as_pointer())


@intrinsic
def load_8(typing_context: Any, array: Any, at: Any) -> Any:
    """Return the bytes ``array[at:at + 8]`` of a uint8 array as a uint64, the first byte lowest; nothing is checked."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value = builder.load(_pointer(context, builder, signature.args[0], *arguments))
        value.align = 1
        return value

    return types.uint64(array, types.intp), generate


@intrinsic
def store_8(typing_context: Any, array: Any, at: Any, value: Any) -> Any:
    """Write a uint64 to the bytes ``array[at:at + 8]`` of a uint8 array; nothing is checked."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        store = builder.store(arguments[2], _pointer(context, builder, signature.args[0], *arguments[:2]))
        store.align = 1
        return context.get_dummy_value()

    return types.void(array, types.intp, types.uint64), generate


def _load_64(context: Any, builder: Any, array_type: Any, array: Any, at: Any) -> Any:
    value = builder.load(_pointer(context, builder, array_type, array, at, _BYTES))
    value.align = 1
    return value


def _all(builder: Any, byte: Any) -> Any:
    """Return 64 times the same byte."""
    first = builder.insert_element(ir.Constant(_BYTES, ir.Undefined), byte, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(ir.IntType(32), 64), [0] * 64))


def _lie_between(builder: Any, values: Any, low: Any, high: Any) -> Any:
    """Return a bit for each byte: a subtraction that wraps around leaves those outside above the width."""
    width = _all(builder, builder.sub(high, low))
    return builder.icmp_unsigned("<=", builder.sub(values, _all(builder, low)), width)


@intrinsic
def bytes_between(typing_context: Any, array: Any, at: Any, low: Any, high: Any) -> Any:
    """Return which of the bytes ``array[at:at + 64]`` of a uint8 array lie in ``[low, high]``.

    The result is a uint64, the first byte its lowest bit; nothing is checked.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values = _load_64(context, builder, signature.args[0], *arguments[:2])
        return builder.bitcast(_lie_between(builder, values, *arguments[2:]), _WORD)

    return types.uint64(array, types.intp, types.uint8, types.uint8), generate


@intrinsic
def fold_64(typing_context: Any, source: Any, at: Any, out: Any, to: Any) -> Any:
    """Write the bytes ``source[at:at + 64]`` to `out` at `to`, letters of ASCII in lower case, ````` as ``'``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values = _load_64(context, builder, signature.args[0], *arguments[:2])
        upper, last, grave, apostrophe = (ir.Constant(_BYTE, code) for code in b"AZ`'")
        case = ir.Constant(_BYTE, ord("a") ^ ord("A"))
        lowered = builder.or_(values, _all(builder, case))
        folded = builder.select(_lie_between(builder, values, upper, last), lowered, values)
        folded = builder.select(_lie_between(builder, values, grave, grave), _all(builder, apostrophe), folded)
        _, _, out, to = arguments
        store = builder.store(folded, _pointer(context, builder, signature.args[2], out, to, _BYTES))
        store.align = 1
        return context.get_dummy_value()

    return types.void(source, types.intp, out, types.intp), generate
