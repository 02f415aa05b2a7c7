"""What harvesters are told of all entries: the Open Archives Initiative's Protocol for Metadata Harvesting, version 2.0
(https://www.openarchives.org/OAI/openarchivesprotocol.html)."""
