"""How commands end badly: the exit codes, and one line that says what, where and what to do."""

import click

DONE, NO, WRONG_INPUT = 0, 1, 2


class WrongInput(click.ClickException):
    """The input was wrong: exit code 2, the message names file, line and cause."""

    exit_code = WRONG_INPUT


class AnswerIsNo(click.ClickException):
    """The command worked and the answer is "no": exit code 1."""

    exit_code = NO
