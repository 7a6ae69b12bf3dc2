"""Dòng lệnh nói tiếng Việt: click's usage errors and help headings in Vietnamese, refusals as one sentence.

Every command of civreg is made with `cls=VietnameseCommand` (or `VietnameseGroup`), and the factory gives the
application `VietnameseAppGroup` as its command group, so that an unknown command is answered in Vietnamese too.
"""

from __future__ import annotations

import importlib
import sys
from typing import IO, Any

import click
from flask.cli import AppGroup

from civreg.shared.errors import InvalidInput, Refusal

BAD_INPUT = 2
REFUSED = 1


class VietnameseError(click.ClickException):
    """One Vietnamese sentence on standard error, for arguments or input that cannot be used (status 2)."""

    exit_code = BAD_INPUT

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the sentence, nothing around it."""
        click.echo(self.message, file=file or sys.stderr)


class RefusedError(VietnameseError):
    """One Vietnamese sentence on standard error, for an action that was refused (status 1)."""

    exit_code = REFUSED


def bad_input(sentence: str) -> VietnameseError:
    """Return the error for arguments or input that cannot be used (status 2)."""
    return VietnameseError(sentence)


def translated(error: click.ClickException) -> VietnameseError:
    """Return the Vietnamese form of what click found wrong with the command line."""
    if isinstance(error, VietnameseError):
        return error
    return VietnameseError(_sentence(error))


def _sentence(error: click.ClickException) -> str:
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "lệnh"
    see = f" Xem cách dùng: {command} --help"
    if isinstance(error, click.NoSuchOption):
        near = f" Có phải là {error.possibilities[0]}?" if error.possibilities else ""
        return f"Không có tuỳ chọn {error.option_name}.{near}{see}"
    if isinstance(error, click.MissingParameter):
        return f"Còn thiếu {_named(error)}.{see}"
    if isinstance(error, click.BadOptionUsage):
        needed = "cần một giá trị đi kèm" if "requires" in error.message else "không nhận giá trị đi kèm"
        return f"Tuỳ chọn {error.option_name} {needed}.{see}"
    if isinstance(error, click.BadParameter):
        if error.param is not None and type(error.param.type).__module__ != "click.types":
            return error.message  # a type of ours has already said it in Vietnamese
        return f"Giá trị của {_named(error)} không dùng được.{_choices(error)}{see}"
    if isinstance(error, click.FileError):
        return f"Không mở được tệp {error.ui_filename}. Ông/bà kiểm tra lại tên tệp."
    return f"Dòng lệnh có phần thừa hoặc thiếu.{see}"


def _named(error: click.BadParameter) -> str:
    parameter = error.param
    if isinstance(parameter, click.Option):
        return f"tuỳ chọn {parameter.opts[-1] if parameter.opts[-1].startswith('--') else parameter.opts[0]}"
    if parameter is not None:
        return f"phần {parameter.make_metavar(error.ctx or click.Context(click.Command('')))}"
    return "một phần của dòng lệnh"


def _choices(error: click.BadParameter) -> str:
    kind = error.param.type if error.param is not None else None
    if isinstance(kind, click.Choice):
        return f" Chọn một trong: {', '.join(str(choice) for choice in kind.choices)}."
    return ""


class VietnameseCommand(click.Command):
    """A command whose errors and help speak Vietnamese; a `Refusal` becomes its sentence."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Parse the command line, turning click's errors into Vietnamese ones."""
        try:
            return super().make_context(*args, **kwargs)
        except click.ClickException as error:
            raise translated(error) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; bad input ends with status 2, a refused action with status 1."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            raise translated(error) from error
        except InvalidInput as refusal:
            raise VietnameseError(refusal.sentence) from refusal
        except Refusal as refusal:
            raise RefusedError(refusal.sentence) from refusal

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the usage line with a Vietnamese heading."""
        pieces = self.collect_usage_pieces(ctx)
        formatter.write_usage(
            ctx.command_path, " ".join(pieces).replace("[OPTIONS]", "[TUỲ CHỌN]"), prefix="Cách dùng: "
        )

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under a Vietnamese heading."""
        records = [record for parameter in self.get_params(ctx) if (record := parameter.get_help_record(ctx))]
        if records:
            with formatter.section("Tuỳ chọn"):
                formatter.write_dl(records)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return `--help` with Vietnamese words."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "Hiện hướng dẫn này rồi thôi."
        return option


class VietnameseGroup(VietnameseCommand, click.Group):
    """A group of Vietnamese commands."""

    command_class = VietnameseCommand

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write options, then the commands, under Vietnamese headings."""
        VietnameseCommand.format_options(self, ctx, formatter)
        rows = [
            (name, command.get_short_help_str(80))
            for name in self.list_commands(ctx)
            if (command := self.get_command(ctx, name)) is not None
        ]
        if rows:
            with formatter.section("Lệnh"):
                formatter.write_dl(rows)


class VietnameseAppGroup(AppGroup):
    """The application's commands; one that does not exist is answered in Vietnamese, with status 2.

    Attributes:
        later: name of a command → module that offers it, imported when the command is used.
    """

    later: dict[str, str]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, those loaded later among them."""
        return sorted({*super().list_commands(ctx), *self.later})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, or one that says that there is none by that name."""
        module = self.later.get(cmd_name)
        if module is not None:
            for command in importlib.import_module(module).commands:
                self.add_command(command)
        found = super().get_command(ctx, cmd_name)
        return found if found is not None else _unknown(cmd_name)


def _unknown(name: str) -> click.Command:
    def answer() -> None:
        raise VietnameseError(f"Không có lệnh “{name}”. Xem các lệnh: flask --app app --help")

    return VietnameseCommand(
        name,
        callback=answer,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        add_help_option=False,
        hidden=True,
    )
