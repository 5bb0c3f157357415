"""Bodies that do nothing outside of themselves, each in a way that looks as if it did."""

import asyncio
import json
import logging
import os
import shutil
import sqlite3
import tempfile

import coflux as cf

HERE = os.path.dirname(os.path.abspath(__file__))


def imports():
    import xml.dom.minidom  # noqa: F401

    import freshly_imported  # noqa: F401  (its .pyc is written beside it)

    return 1


def logs():
    logging.basicConfig()
    logging.getLogger("quiet").warning("careful")
    print("printed")
    cf.log_info("{n} logged", n=1)
    return 1


def temporary_files():
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("x")
    with tempfile.TemporaryDirectory() as folder:
        open(os.path.join(folder, "x"), "w").close()
    os.makedirs("a/b")
    open("a/b/c", "w").close()
    os.rename("a/b/c", "a/d")
    shutil.rmtree("a")
    return 1


def asset():
    open("table.csv", "w").write("a,b\n1,2\n")
    cf.asset("table.csv")
    return 1


def reads():
    open(__file__).read()
    with open(os.path.join(HERE, "data.json"), "rb") as file:
        json.load(file)
    os.listdir(HERE)
    os.makedirs(HERE, exist_ok=True)
    sqlite3.connect(":memory:").execute("select 1")
    sqlite3.connect(f"file:{HERE}/none.db?mode=memory", uri=True).close()
    open(os.devnull, "w").write("x")
    return 1


def awaits():
    asyncio.run(asyncio.sleep(0))
    return 1


def large_result():
    return "x" * 100_000
