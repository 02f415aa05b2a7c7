"""Words one slip of the keyboard away. Two words share a text with one letter left out if they differ by one letter
more, less or other, or by two letters exchanged, or by one letter missing in one place and one too many in another."""


def worth_correcting(word):
    return len(word) >= 4 and word.isalpha()


def slips(word):
    """`word` and every way to leave one letter out of it."""
    return {word} | {word[:i] + word[i + 1 :] for i in range(len(word))}


def distance(a, b):
    """Damerau-Levenshtein distance with adjacent exchanges (optimal string alignment)."""
    rows = [list(range(len(b) + 1))]
    for i, ca in enumerate(a, 1):
        row = [i]
        for j, cb in enumerate(b, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (ca != cb))
            if i > 1 and j > 1 and ca == b[j - 2] and a[i - 2] == cb:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def best_correction(typed, candidates):
    """The likeliest of `candidates`, pairs of word and the number of entries that hold it, or None.

    Nearest first, then with the same first letter, then the commoner; a word of under eight letters may differ in
    one place only.
    """
    most = 2 if len(typed) >= 8 else 1

    def rank(candidate):
        word, entries = candidate
        return distance(typed, word), word[0] != typed[0], -entries, word

    near = [candidate for candidate in candidates if distance(typed, candidate[0]) <= most]
    return min(near, key=rank)[0] if near else None
