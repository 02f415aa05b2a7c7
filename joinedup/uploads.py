"""How much one request may send. Django reads a form before it asks who sends it, and keeps large files on the disk."""

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

MOST = 25 * 1024 * 1024  # bytes; what librarians import is at most 20 MB


class Bounded(FileUploadHandler):
    """First of the handlers: refuses what is too large before any of it is read, and keeps nothing itself."""

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):
        if content_length > MOST:
            raise RequestDataTooBig("More was sent at once than is taken here.")

    def receive_data_chunk(self, raw_data, start):
        return raw_data

    def file_complete(self, file_size):
        return None
