from graphite.settings import *

SECRET_KEY = "for tests only"
ALLOWED_HOSTS = ["*"]
TIME_ZONE = "UTC"
STORAGE_DIR = "@DIR@/storage"
WHISPER_DIR = STORAGE_DIR + "/whisper"
STANDARD_DIRS = [WHISPER_DIR]
LOG_DIR = "@DIR@/log"
INDEX_FILE = STORAGE_DIR + "/index"
CARBONLINK_HOSTS = ["127.0.0.1:@QUERY_PORT@"]
DEFAULT_CACHE_DURATION = 0
DATABASES = {"default": {"NAME": STORAGE_DIR + "/graphite.db", "ENGINE": "django.db.backends.sqlite3"}}
