"""More than one request may send is refused before it is read, whoever sends it."""

import pytest
from django.test import Client

from joinedup.uploads import MOST

HEADER = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.ris"\r\n\r\n'


@pytest.mark.parametrize("address", ["/admin/login/", "/findings/"])
def test_nobody_fills_the_disk_through_a_form(db, address):
    # A made-up token is enough for the form to be read, before anybody is asked who they are.
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "a" * 32
    response = client.generic(
        "POST", address, HEADER, content_type="multipart/form-data; boundary=b", CONTENT_LENGTH=str(MOST + 1)
    )
    assert response.status_code == 400


def test_a_librarian_is_told(admin_client):
    response = admin_client.generic(
        "POST",
        "/admin/curation/import/add/bibliography/",
        HEADER,
        content_type="multipart/form-data; boundary=b",
        CONTENT_LENGTH=str(MOST + 1),
    )
    assert response.status_code == 200
    assert "more than 25 MB" in response.content.decode()
