"""Lets Rasa be imported without the libraries that our rules and components never call.

Rasa imports TensorFlow, and the client libraries of every chat service and database it knows, from nearly every
module: two thirds of its start-up time and half of its memory. `leave_out()`, called before the first `import rasa`,
answers those imports with empty modules whose attributes are a class that can be subclassed, used as a decorator,
named in annotations and in `except`, but does nothing. Rasa's own neural components and chat channels cannot run then.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from types import ModuleType

NEURAL = ("tensorflow", "tensorflow_hub", "tensorflow_text", "tensorflow_addons", "keras")
CHAT_SERVICES = (
    "aiogram",
    "fbmessenger",
    "mattermostwrapper",
    "rocketchat_API",
    "slack_sdk",
    "twilio",
    "webexteamssdk",
)
STORAGE_SERVICES = ("aio_pika", "boto3", "botocore", "confluent_kafka", "pymongo", "redis")
PICTURES_AND_PROMPTS = ("matplotlib", "prompt_toolkit", "questionary")
LEFT_OUT = frozenset(NEURAL + CHAT_SERVICES + STORAGE_SERVICES + PICTURES_AND_PROMPTS)


class _AbsentType(type):
    def __getattr__(cls, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent

    def __call__(cls, *args: object, **settings: object) -> object:
        # As a decorator it returns what it decorates; as a decorator factory or constructor, itself.
        if len(args) == 1 and not settings and callable(args[0]):
            return args[0]
        return cls

    def __getitem__(cls, item: object) -> type:
        return cls


class Absent(Exception, metaclass=_AbsentType):
    """Stands for anything named in a module that was left out; an exception, since some names stand in `except`."""


class _AbsentModule(ModuleType):
    __path__: list[str] = []

    def __getattr__(self, name: str) -> object:
        if name == "__version__":
            return "2.12.0"
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent


class _AbsentModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name: str, path: object = None, target: object = None) -> object:
        if name.partition(".")[0] in LEFT_OUT:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _AbsentModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run: the module is empty."""


def leave_out() -> None:
    """Answers later imports of these libraries with empty modules; does nothing when Rasa is already imported."""
    if "rasa" in sys.modules or any(isinstance(finder, _AbsentModules) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, _AbsentModules())
