"""What spreadsheet programs can hold, and what they take for a formula. Pure."""

import re

MOST_IN_A_CELL = 32_767  # Excel's limit
# https://owasp.org/www-community/attacks/CSV_Injection, with what programs skip before the sign.
FORMULA = re.compile(r"[\t\r]|[\s\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]")
