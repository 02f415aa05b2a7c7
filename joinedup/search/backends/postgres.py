"""PostgreSQL: a tsvector without positions for each entry, in a narrow table of its own, under a GIN index. The facets
and the date stand beside it: they are counted and put in order of all that is found.

So does `common`: which of the commonest tokens the entry holds, a bit for each, since a vector has to be fetched from
elsewhere, and of a word that stands everywhere a thousand. The row of search_tokens_common with the number `list` says
which bit is which token. What was written with another list is looked at by its vector, so that a new list can come at
any time.
"""

import re
import time
from contextlib import contextmanager
from math import ceil, inf, prod

from django.db import OperationalError, connection, transaction

from joinedup.databases import connection_to_read
from joinedup.search.analysis import stem
from joinedup.search.backends.base import (
    ANYWHERE,
    AT_ONCE,
    DATE,
    FACET,
    HEADING,
    SUMMARY,
    TIME_LIMIT,
    Backend,
    TooSlow,
    dated,
    index_tokens,
    spell,
)
from joinedup.search.query import STOP_WORDS
from joinedup.search.ranking import Met

BITS = 512
NO_BITS = f"B'{'0' * BITS}'"
INDEX = "CREATE INDEX IF NOT EXISTS search_tokens_gin ON search_tokens USING gin (tokens) WITH (fastupdate = off);"
LISTS = "CREATE TABLE IF NOT EXISTS search_tokens_common (list integer PRIMARY KEY, tokens text[] NOT NULL);"
CREATE = (
    "CREATE TABLE IF NOT EXISTS search_tokens"
    f" (entry_id bigint PRIMARY KEY, tokens tsvector NOT NULL, facets text, common bit({BITS}), list integer);"
    # How common a word is decides how it is looked for: let the server know of ten thousand. Knowing fewer, it takes
    # several rare ones together, as suggestions ask for them, for common.
    "ALTER TABLE search_tokens ALTER tokens SET STATISTICS 1000;" + LISTS + INDEX
)
DROP = "DROP TABLE IF EXISTS search_tokens, search_tokens_common"
SPELLING = "'{}'".format, " & ", " | ", " & !{}".format
NO_LIMITS = "SET LOCAL statement_timeout = 0; SET LOCAL enable_seqscan = on"
# The server believes a vector to be at hand, and would rather look at those of all rows of a part than at two indexes.
REAL_COSTS = "SET LOCAL cpu_tuple_cost = 1; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0;"
USUAL_COSTS = re.sub(r"= \w+;", "TO DEFAULT;", REAL_COSTS)
QUERY_CANCELED = "57014"
# How many times as long as the bits of a row take a vector, a place in the GIN index, a row that was found by it, and a
# row of which only the key is looked at.
VECTOR, PLACE, FETCHED, KEY = 37, 0.45, 10, 0.22
FETCHED_OR_SEARCHED = 2  # how many times as long as a word in a text takes a row that the index finds
ENOUGH = 1.25  # times as many as are wanted
SURELY = 1 / 2  # of the cost of all at once: guesses are wrong at times
FEW = 2000  # rows
MANY_WORDS = 4  # from more the index takes long to find what has all of them
VERY_FEW = 100  # rows, of which to look at the vectors takes no time
KNOWN_FOR = 300  # seconds
COMMON, MANY = 0.01, 2000  # the share and the number of rows from which on a token is worth a bit
EVERYWHERE = 0.3  # what fewer rows have of a facet may all be old: those of a review are indexed together


class PostgresBackend(Backend):
    def add(self, rows):
        if rows:
            tokens = [index_tokens(row) for row in rows]
            with connection.cursor() as cursor:
                number, listed = _current_list(cursor)
                cursor.execute(
                    "INSERT INTO search_tokens (entry_id, tokens, facets, common, list)"
                    f" SELECT id, array_to_tsvector(string_to_array(words, ' ')), facets, bits::bit({BITS}), %s::int"
                    " FROM unnest(%s, %s, %s, %s) AS row (id, words, facets, bits)",
                    [
                        number,
                        [row.pk for row in rows],
                        [" ".join(some) for some in tokens],
                        [dated(row.facets, row.date) for row in rows],
                        [_bits(listed, some) for some in tokens],
                    ],
                )

    def remove(self, rows):
        if rows:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM search_tokens WHERE entry_id = ANY(%s)", [[row.pk for row in rows]])

    def matching(self, expression, limit):
        found = {}
        with connection_to_read().cursor() as cursor:
            statistics = _statistics(cursor)
            for one in _apart(expression):
                found |= self._matching(cursor, statistics, one, limit)
        return {entry: found[entry] for entry in sorted(found, reverse=True)[:limit]}

    def _matching(self, cursor, statistics, expression, limit):
        condition, parameters, is_by_key = statistics.condition(expression, limit)
        # The server takes the key for cheaper than it is: an order that the key cannot give leaves it the index.
        order = "entry_id" if is_by_key else "entry_id + 0"
        parts = [] if is_by_key else statistics.parts(expression, limit)
        if not (is_by_key or parts):
            # There is one way to take: the server need not spend its time on telling how much will be found.
            condition = condition.replace("%s::tsquery", "(SELECT %s::tsquery)")
        found = {}
        for older, newer in zip([*parts, None], [None, *parts], strict=True):
            among = f" AND entry_id > {older:d}" if older else ""
            among += f" AND entry_id <= {newer:d}" if newer else ""
            cursor.execute(
                f"{_limits()} {REAL_COSTS if parts else ''} SELECT entry_id, facets FROM search_tokens"
                f" WHERE {condition}{among} ORDER BY {order} DESC LIMIT {limit - len(found):d}",
                parameters,
            )
            found |= dict(cursor.fetchall())
            if len(found) == limit:
                break
        if parts:
            cursor.execute(USUAL_COSTS)
        return found

    def met(self, query, ids, entries):
        groups = [group.alternatives for group in query.groups]
        questions = [(some, ANYWHERE) for some in groups] + [(some, HEADING) for some in groups]
        # To find all that hold it, and to look for it in the texts of these, takes as long for so many.
        rare = {token for token, held in entries.items() if held < len(ids) / FETCHED_OR_SEARCHED}
        among, wanted = self.among("entry_id", ids)
        with connection_to_read().cursor() as cursor:
            statistics = _statistics(cursor)
            told = [statistics.told(*question, rare) for question in [*questions, (query.excluded, ANYWHERE)]]
            bits = " || ".join(f"({condition})::integer::text" for condition, _ in told)
            cursor.execute(
                f"{_limits()} SELECT entry_id, {bits} FROM"
                " (SELECT entry_id, common, list, tokens, heading, heading || summary || labels || body AS words"
                f" FROM search_tokens JOIN search_indexentry ON id = entry_id WHERE {among} OFFSET 0) AS fetched",
                [*(parameter for _, parameters in told for parameter in parameters), wanted],
            )
            found = dict(cursor.fetchall())
        told_apart = {}
        for bits in set(found.values()):
            *met, is_excluded = (bit == "1" for bit in bits)
            told_apart[bits] = Met(tuple(met[: len(groups)]), tuple(met[len(groups) :]), is_excluded)
        return {entry: told_apart[bits] for entry, bits in found.items()}

    def among(self, column, values):
        values = list(values)
        if values and isinstance(values[0], int):  # one text is written many times sooner than a list
            return f"{column} = ANY(%s::bigint[])", f"{{{','.join(map(str, values))}}}"
        return f"{column} = ANY(%s)", values

    def clear(self):
        with connection.cursor() as cursor:
            cursor.execute(CREATE)
            cursor.execute("DELETE FROM search_tokens")

    def prepare(self, rows):
        """Drop the index if most rows are still to come: made of all at once it is ready many times sooner."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM search_tokens")
            if cursor.fetchone()[0] < rows / 10:
                cursor.execute("DROP INDEX IF EXISTS search_tokens_gin")

    def optimise(self):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("ANALYZE search_tokens, search_indexentry, search_stem, search_word, search_misspelling")
            self._list_the_commonest(cursor)
        self._write_bits()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
            cursor.execute(INDEX)  # last: with it a row takes many times as long to write
        _known.clear()

    def _list_the_commonest(self, cursor):
        """Make a new list if some of the tokens that are common by now have no bit."""
        commonest = _read_statistics(cursor).commonest()
        if set(_current_list(cursor)[1]) >= set(commonest):
            return
        # No row was ever written with its number, even if the list of some was lost.
        cursor.execute(
            "SELECT coalesce(max(list), 0) + 1"
            " FROM (SELECT list FROM search_tokens UNION ALL SELECT list FROM search_tokens_common) AS every"
        )
        [number] = cursor.fetchone()
        cursor.execute("DELETE FROM search_tokens_common")
        cursor.execute("INSERT INTO search_tokens_common VALUES (%s, %s)", [number, commonest])

    def _write_bits(self):
        """By the current list, for all rows that were written with another, some at a time: who saves an entry waits
        for no more."""
        with connection.cursor() as cursor:
            number, listed = _current_list(cursor)
            bits = " || ".join(["(held @@ %s::tsquery)::integer::text"] * len(listed))
            tokens = [spell(token, *SPELLING) for token in listed]
            last = 0
            while listed:
                cursor.execute(
                    "SELECT entry_id FROM search_tokens WHERE entry_id > %s AND list IS DISTINCT FROM %s"
                    " ORDER BY entry_id LIMIT %s",
                    [last, number, AT_ONCE],
                )
                rows = [entry for (entry,) in cursor.fetchall()]
                if not rows:
                    return
                cursor.execute(
                    # The vector is fetched once, for all of them.
                    f"UPDATE search_tokens SET list = %s, common ="
                    f" (SELECT ({bits})::bit({BITS}) FROM (SELECT tokens || '' AS held OFFSET 0) AS fetched)"
                    " WHERE entry_id = ANY(%s)",
                    [number, *tokens, rows],
                )
                last = rows[-1]

    def exists(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('search_tokens_gin') IS NOT NULL")
            return cursor.fetchone()[0]

    def is_outdated(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM search_tokens WHERE strpos(coalesce(facets, ''), %s) = 0)", [DATE]
            )
            return cursor.fetchone()[0]

    def count(self, expression):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM search_tokens WHERE tokens @@ %s::tsquery", [spell(expression, *SPELLING)]
            )
            return cursor.fetchone()[0]

    @contextmanager
    def time_limit(self, seconds=TIME_LIMIT):
        connection = connection_to_read()
        connection.search_ends = time.monotonic() + seconds
        nested = connection.in_atomic_block
        try:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                cursor.execute(_limits())
                yield
                if nested:  # else they end with the transaction
                    cursor.execute(NO_LIMITS)
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", "") == QUERY_CANCELED:
                raise TooSlow from error
            raise
        finally:
            connection.search_ends = None


class Statistics:
    """What the server knows of search_tokens: how many rows, and which share of them holds each of the commonest
    tokens. Others count for nothing: taken together, as suggestions ask for them, they would else look common. `listed`
    are the tokens that have a bit, by the list with this `number`; `bounds` part the rows, from the oldest on, into
    parts of one size."""

    def __init__(self, rows, tokens, shares, bounds, number, listed):
        self.rows = max(rows, 0)
        self.bounds = bounds
        self.shares = dict(zip(tokens, shares, strict=False))  # after the last the server adds the least and the most
        self.number = number
        self.listed = {token: place for place, token in enumerate(listed)}

    def commonest(self):
        """The tokens that are worth a bit, the commonest first; before others the words of headings, which each search
        looks for by themselves."""
        least = max(COMMON, MANY / self.rows) if self.rows else inf
        common = [token for token, share in self.shares.items() if share >= least and not _says_nothing(token)]
        common = [token for token in common if not token.startswith(FACET) or self.shares[token] >= EVERYWHERE]
        return sorted(common, key=lambda token: (not token.startswith(HEADING), -self.shares[token]))[:BITS]

    def share(self, expression):
        """The share of the rows that an expression may match, if its tokens have nothing to do with each other."""
        if isinstance(expression, str):
            return self.shares.get(expression, 0.0)
        operator, *parts = expression
        if operator == "not":
            wanted, unwanted = map(self.share, parts)
            return wanted * (1 - unwanted)
        shares = [self.share(part) for part in parts[0]]
        return prod(shares) if operator == "all" else 1 - prod(1 - share for share in shares)

    def share_gone_through(self, expression):
        """The share of the rows whose places the GIN index has to go through for an expression."""
        if isinstance(expression, str):
            return self.share(expression)
        operator, *parts = expression
        if operator == "not":
            return self.share_gone_through(parts[0])
        return (min if operator == "all" else sum)(map(self.share_gone_through, parts[0]))

    def condition(self, expression, limit):
        """What rows that match fulfil, in SQL, its parameters, and whether to go through them from the newest on until
        `limit` match. That looks at n * limit / m rows, where m of n match, by their bits or their vectors; the GIN
        index goes through the places of tokens, and fetches all m.
        """
        wanted, unwanted = _wanted_and_unwanted(expression)
        rare = [part for part in wanted if self.rows * self.share(part) < FEW]
        if rare and _size(expression) > MANY_WORDS:
            return *self._of_few(rare, [part for part in wanted if part not in rare], unwanted), False
        share = self.share(expression)
        looked_at = limit / share if share else inf
        in_index = self.rows * (PLACE * self.share_gone_through(expression) + FETCHED * share)
        vectors, parameters = "tokens @@ %s::tsquery", [spell(expression, *SPELLING)]
        bits = self._by_bits(wanted, unwanted)
        if bits and looked_at < in_index:
            return f"CASE WHEN list = {self.number} THEN {bits} ELSE {vectors} END", parameters, True
        return vectors, parameters, looked_at * VECTOR < in_index

    def told(self, alternatives, where, rare):
        """SQL for whether a row holds any of these alternatives of a Query, and its parameters: bits tell of common
        tokens, the index of those that are `rare`, a text of phrases and of what is between."""
        listed, few, others = [], [], []
        for alternative in alternatives:
            tokens = [where + token for token in alternative.tokens]
            if not alternative.is_phrase and self._are_listed(tokens):
                listed.append(tokens)
            elif not alternative.is_phrase and not rare.isdisjoint(tokens):
                few.append(tokens)
            else:
                others.append(alternative.needles)
        conditions, parameters = [], []  # first what is quickly told: if it is met, nothing else is looked at
        if listed:
            bits = self._bits_of_any(listed)
            conditions.append(f"CASE WHEN list = {self.number} THEN {bits} ELSE tokens @@ %s::tsquery END")
            parameters.append(_any_of(listed))
        if few:
            found = "SELECT entry_id FROM search_tokens WHERE tokens @@ (SELECT %s::tsquery)"
            conditions.append(f"entry_id IN ({found})")
            parameters.append(_any_of(few))
        text = "heading" if where == HEADING else "words"
        for needles in others:
            conditions.append(" AND ".join([f"strpos({text}, %s) > 0"] * len(needles)))
            parameters += needles
        return " OR ".join(conditions) or "false", parameters

    def _of_few(self, rare, others, unwanted):
        """SQL, and its parameters, for rows of which the index finds few: their bits tell the rest, or else their
        vectors, copies of which the index does not know. The index takes long for many tokens."""
        are_very_few = self.rows * self.share(("all", rare)) < VERY_FEW
        by_index, conditions, parameters = list(rare), [], []
        for part, held in [(part, True) for part in others] + [(part, False) for part in unwanted]:
            sets = [_tokens(one) for one in (part[1] if part[0] == "any" else [part])]
            listed = [tokens for tokens in sets if tokens and self._are_listed(tokens)]
            if held and not listed and not are_very_few:
                by_index.append(part)
                continue
            condition = "(tokens || '') @@ %s::tsquery"
            if listed:
                bits = self._bits_of_any(listed)
                bits = f"THEN {bits}" if len(listed) == len(sets) else f"AND ({bits}) THEN true"
                condition = f"CASE WHEN list = {self.number} {bits} ELSE {condition} END"
            conditions.append(condition if held else f"NOT ({condition})")
            parameters.append(spell(part, *SPELLING))
        by_index = spell(("all", by_index), *SPELLING)
        return " AND ".join(["tokens @@ %s::tsquery", *conditions]), [by_index, *parameters]

    def _are_listed(self, tokens):
        return all(token in self.listed for token in tokens)

    def _bits_of_any(self, sets):
        """SQL for all tokens of any of some sets, which all have bits."""
        return " OR ".join(" AND ".join(self._bits_of(token, held=True) for token in tokens) for tokens in sets)

    def parts(self, expression, limit):
        """Ids of entries, falling, if the index is better asked for the rows above the first, which should hold the
        `limit` newest that match, then for those between the first and the second, and so on. The server goes through
        the key for it, beside the index, and fetches so many rows fewer. None, if all at once is better."""
        matches = self.rows * self.share(expression)
        if not (matches and self.bounds):
            return []
        newest = ENOUGH * limit / matches
        if self.rows * newest * KEY + FETCHED * ENOUGH * limit > matches * FETCHED * SURELY:
            return []
        last = len(self.bounds) - 1
        places = [last - ceil(last * newest * times) for times in (1, 4)]
        return [self.bounds[place] for place in places if place > 0]

    def _by_bits(self, wanted, unwanted):
        """SQL for parts of which all are wanted, and any of which is unwanted; "" if bits cannot tell."""
        if not wanted or not all(map(self._has_bits, wanted + unwanted)):
            return ""
        # First what fewest rows fulfil.
        told = [(self.share(part), self._bits_of(part, held=True)) for part in wanted]
        told += [(1 - self.share(part), self._bits_of(part, held=False)) for part in unwanted]
        return " AND ".join(condition for _, condition in sorted(told))

    def _has_bits(self, part):
        """Whether it is a token that has a bit, or any of some that have."""
        if isinstance(part, str):
            return part in self.listed
        return part[0] == "any" and all(isinstance(one, str) and one in self.listed for one in part[1])

    def _bits_of(self, part, held):
        """SQL for a token that is `held` or not, or any of some. One bit is told in a third of the time that a mask
        takes, which makes another row of bits of each."""
        if isinstance(part, str):
            return f"get_bit(common, {self.listed[part]}) = {held:d}"
        return f"common & B'{_bits(self.listed, set(part[1]))}' {'<>' if held else '='} {NO_BITS}"


def _bits(listed, held):
    """Which of the tokens that are `listed` are `held`, as PostgreSQL writes bits."""
    return "".join("01"[token in held] for token in listed).ljust(BITS, "0")


def _says_nothing(token):
    return token.removeprefix(HEADING).removeprefix(SUMMARY) in _STOPPED


_STOPPED = frozenset(map(stem, STOP_WORDS))


def _apart(expression):
    """Expressions that together match what one does that wants any of some sets of tokens, or else one whole of many:
    each is found in its own way."""
    wanted, unwanted = _wanted_and_unwanted(expression)
    for part in wanted:
        sets = [one for one in part[1] if _tokens(one)] if part[0] == "any" else []
        if sets and len(sets) == len(part[1]) - 1:
            others = [other for other in wanted if other is not part]
            [whole] = [one for one in part[1] if one not in sets]
            apart = [("all", [*others, one]) for one in [("any", sets), whole]]
            return [("not", one, *unwanted) for one in apart] if unwanted else apart
    return [expression]


def _wanted_and_unwanted(expression):
    expression, unwanted = flat(expression), []
    if expression[0] == "not":
        _, expression, part = expression
        unwanted = [part]
    return expression[1] if expression[0] == "all" else [expression], unwanted


def _any_of(sets):
    """Any of some sets of tokens, as PostgreSQL writes it."""
    return spell(("any", [("all", tokens) for tokens in sets]), *SPELLING)


def _tokens(expression):
    """Those of a token, or of several that are all wanted; none of what is more than that."""
    if isinstance(expression, str):
        return [expression]
    operator, *parts = expression
    return parts[0] if operator == "all" and all(isinstance(part, str) for part in parts[0]) else []


def _size(expression):
    """How many tokens it has."""
    if isinstance(expression, str):
        return 1
    operator, *parts = expression
    return sum(map(_size, parts if operator == "not" else parts[0]))


def flat(expression):
    """An expression without what is one of one, or all of all."""
    if isinstance(expression, str):
        return expression
    operator, *parts = expression
    if operator == "not":
        return "not", *map(flat, parts)
    found = []
    for part in map(flat, parts[0]):
        found += part[1] if part[0] == operator else [part]
    return found[0] if len(found) == 1 else (operator, found)


_known = {}  # by alias: Statistics, and until when


def _statistics(cursor):
    """Read once in a while: to have each question estimated by the server takes it longer than many an answer."""
    alias = cursor.db.alias
    known, until = _known.get(alias, (None, 0))
    if time.monotonic() > until:
        known = _read_statistics(cursor)
        _known[alias] = known, time.monotonic() + KNOWN_FOR
    return known


def _of(column):
    return (
        "LATERAL (SELECT * FROM pg_stats WHERE tablename = relname"
        f" AND schemaname = relnamespace::regnamespace::text AND attname = '{column}')"
    )


def _read_statistics(cursor):
    cursor.execute(
        "SELECT reltuples, coalesce(held.most_common_elems::text::text[], '{}'),"
        " coalesce(held.most_common_elem_freqs, '{}'), coalesce(keys.histogram_bounds::text::bigint[], '{}')"
        f" FROM pg_class LEFT JOIN {_of('tokens')} AS held ON true LEFT JOIN {_of('entry_id')} AS keys ON true"
        " WHERE pg_class.oid = 'search_tokens'::regclass"
    )
    return Statistics(*cursor.fetchone(), *_current_list(cursor))


def _current_list(cursor):
    """Its number, and its tokens in order; 0 and none if there is no list."""
    cursor.execute("SELECT list, tokens FROM search_tokens_common ORDER BY list DESC LIMIT 1")
    return cursor.fetchone() or (0, [])


def _limits():
    """The server limits each statement by itself: SQL that gives the next one what is left of the time for all."""
    ends = getattr(connection_to_read(), "search_ends", None)
    if ends is None:
        return ""
    left = int(1000 * (ends - time.monotonic()))
    if left <= 0:
        raise TooSlow
    return f"SET LOCAL statement_timeout = {left}; SET LOCAL enable_seqscan = off;"
