"""Machine instructions that numba has no name for: eight bytes at once, and the place of the lowest bit."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_WORD = ir.IntType(64)


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


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, at: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), _WORD.as_pointer())


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
