from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from findings.models import Review
from findings.review_files import jsonfile
from findings.review_files.export import review_document


class Command(BaseCommand):
    help = "Write a review with everything of it as a file, which import_review reads."

    def add_arguments(self, parser):
        parser.add_argument("code", help="the code of the review, such as R1")
        parser.add_argument("--output", help="the file to write (default: standard output)")
        parser.add_argument("--without-glossary", action="store_true", help="leave the terms of the glossary out")
        parser.add_argument(
            "--with-passages",
            action="store_true",
            help="add the passages of the review's text that entries were made of: not for the public",
        )

    def handle(self, *, code, output, without_glossary, with_passages, **options):
        try:
            review = Review.objects.get_by_natural_key(code)
        except (ValueError, Review.DoesNotExist):
            raise CommandError(f"There is no review {code}. A review has a code such as R1.") from None
        document = review_document(review, with_glossary=not without_glossary, with_passages=with_passages)
        data = jsonfile.write(document)
        if not output:
            self.stdout.write(data.decode(), ending="")
            return
        try:
            Path(output).write_bytes(data)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from error
