"""The SQL of Apache Spark, where Ibis' own fails or means something else than on DuckDB and PostgreSQL.

So that families and rules are written once: what differs between engines is mended here, never there.
"""

from __future__ import annotations

import math
import re
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

UNREADABLE = {"\a", "\v", "\f"}


class Compiler(PySparkCompiler):  # type: ignore[misc]  # ibis ships no types
    """Ibis' compiler for Spark with the meaning that the operations have on DuckDB."""

    __slots__ = ()

    SIMPLE_OPS = {ops.BitOr: "bit_or", ops.BitAnd: "bit_and", ops.BitXor: "bit_xor"}

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:
        r"""A number with a point is a float, not a decimal; \a, \v and \f, to Spark mere letters, go by number."""
        if dtype.is_floating() and math.isfinite(value):
            return self.cast(repr(float(value)), dtype)
        if dtype.is_string() and UNREADABLE & set(value):
            parts = re.split(f"([{''.join(UNREADABLE)}])", value)
            return self.f.concat(*(self.f.anon.char(ord(p)) if p in UNREADABLE else sge.convert(p) for p in parts if p))
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_CountStar(self, op: Any, *, arg: Any, where: Any) -> Any:
        """How many rows of none at all meet a condition is 0."""
        return self.f.count(sge.Star()) if where is None else self.f.count_if(where)

    def visit_IsNull(self, op: Any, *, arg: Any) -> Any:
        """NaN is a value."""
        return arg.is_(sge.Null())

    def visit_NotNull(self, op: Any, *, arg: Any) -> Any:
        """NaN is a value."""
        return sge.Not(this=arg.is_(sge.Null()))

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        """A number with decimals is rounded to a whole one, not cut."""
        if to.is_integer() and op.arg.dtype.is_floating():
            arg = self.f.anon.rint(arg)
        if to.is_integer() and op.arg.dtype.is_decimal():
            arg = self.f.round(arg, 0)
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_DateTruncate(self, op: Any, *, arg: Any, unit: Any) -> Any:
        """The first day of a month is a date."""
        return self.cast(self.visit_TimestampTruncate(op, arg=arg, unit=unit), op.dtype)

    def visit_Strip(self, op: Any, *, arg: Any) -> Any:
        """All blanks are cut, tabs and line ends too."""
        blanks = self.f.concat(sge.convert(" \t\n\r"), self.f.anon.char(11), self.f.anon.char(12))
        return self.f.anon.btrim(arg, blanks)

    def visit_Least(self, op: Any, *, arg: Any) -> Any:
        """The least of one is that one."""
        return super().visit_Least(op, arg=arg) if len(arg) > 1 else arg[0]

    def visit_Greatest(self, op: Any, *, arg: Any) -> Any:
        """The greatest of one is that one."""
        return super().visit_Greatest(op, arg=arg) if len(arg) > 1 else arg[0]

    def visit_ExtractEpochSeconds(self, op: Any, *, arg: Any) -> Any:
        """Parts of a second count."""
        return self.f.anon.unix_micros(self.cast(arg, dt.timestamp)) / sge.convert(1_000_000)

    def visit_RegexReplace(self, op: Any, *, arg: Any, pattern: Any, replacement: Any) -> Any:
        r"""Java writes $1 where all others write \1."""
        if isinstance(op.replacement, ops.Literal):
            replacement = sge.convert(str(op.replacement.value).replace("\\", "$"))
        return self.f.regexp_replace(arg, pattern, replacement)
