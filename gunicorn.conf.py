"""How gunicorn serves the site. What differs between machines comes from the environment."""

import os

bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
limit_request_line = 8190
loglevel = "warning"
control_socket_disable = True
