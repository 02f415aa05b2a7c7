import json

from hypothesis import given, settings

from sources.bibliography.notices import Notice
from sources.bibliography.record import Record, Remark, as_json, from_json
from tests.sources.bibliography.formats import strategies


@settings(max_examples=50, deadline=None)
@given(strategies.records())
def test_a_record_is_kept_as_json_with_its_remarks(record):
    record.remarks = [Remark("title", "Check it."), Remark("", "It is odd.")]
    again = from_json(json.loads(json.dumps(as_json(record))))
    assert again == record
    assert again.remarks == record.remarks
    assert again.remarks[0].field == "title"


def test_json_that_was_kept_before_there_were_notices_and_remarks_is_read():
    values = as_json(Record(title="T"))
    del values["notices"], values["remarks"]
    assert from_json(values) == Record(title="T")


def test_what_no_file_can_show_leaves_notices_too():
    record = Record(title="a\x00b", notices=(Notice("retracted", detail="a\x00b"),))
    assert record.printable().notices == (Notice("retracted", detail="a b"),)
