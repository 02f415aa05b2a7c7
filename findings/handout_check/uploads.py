"""Uploads that stay in memory and are never written to a disk."""

from io import BytesIO

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from findings.handout_check.files import MAX_BYTES


class InMemory(FileUploadHandler):
    """Keeps a file as far as it may be large, and one byte more, which tells that it is too large."""

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.file = BytesIO()

    def receive_data_chunk(self, raw_data, start):
        self.file.write(raw_data[: MAX_BYTES + 1 - self.file.tell()])

    def file_complete(self, file_size):
        size = self.file.tell()
        self.file.seek(0)
        return InMemoryUploadedFile(
            self.file, self.field_name, self.file_name, self.content_type, size, self.charset, self.content_type_extra
        )
