"""The `kawat` command: sub-commands that hand their work to the rooms of the house."""

from __future__ import annotations

import sys

import click

from serve import commands as serving
from train import commands as training
from train import store


class _Group(click.Group):
    """Ends with 2 where usage or input is wrong and with 1 where the work could not be done, without a traceback."""

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(context, arguments)
        if command is not training.train:
            store.ask_briefly()
        return name, command, rest

    def invoke(self, context: click.Context) -> object:
        from train.commands import input_errors, known_failures

        try:
            with store.failures("call the command again"):
                return super().invoke(context)
        except input_errors() as error:
            click.echo(f"error: {error}", err=True)
            raise SystemExit(2) from None
        except known_failures() as error:
            click.echo(f"error: {error}", err=True)
            raise SystemExit(1) from None


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kawat")
def main() -> None:
    r"""Label news articles about international security.

    \b
    kawat train            train on the embedded corpus
    kawat serve            answer over HTTP
    kawat label news.csv   label a file
    kawat bundle           build a Bento with the model inside
    kawat ui               compare runs in the MLflow UI
    """


for command in (*training.COMMANDS, *serving.COMMANDS):
    main.add_command(command)


if __name__ == "__main__":
    sys.exit(main())
