"""Bodies that do something outside of themselves, one kind each."""

import asyncio
import os
import shutil
import socket
import sqlite3
import subprocess
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
PORT = int(os.environ["PORT"])


def writes():
    for _ in range(7):
        open(os.path.join(HERE, "out.txt"), "a").close()
    os.makedirs(os.path.join(HERE, "made"))
    shutil.copyfile(os.path.join(HERE, "out.txt"), os.path.join(HERE, "made/copy.txt"))
    os.rename(os.path.join(HERE, "out.txt"), os.path.join(HERE, "old.txt"))
    os.remove(os.path.join(HERE, "old.txt"))
    shutil.rmtree(os.path.join(HERE, "made"))
    sqlite3.connect(os.path.join(HERE, "shop.db")).close()
    return 1


def starts():
    subprocess.run(["true", "one"], check=True)
    subprocess.run("true two", shell=True, check=True)
    os.system("true three")
    return 1


def connects():
    socket.create_connection(("localhost", PORT)).close()

    async def connect():
        _, writer = await asyncio.open_connection("127.0.0.1", PORT)
        writer.close()

    asyncio.run(connect())
    thread = threading.Thread(target=lambda: socket.create_connection(("127.0.0.1", PORT)).close())
    thread.start()
    thread.join()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.sendto(b"x", ("127.0.0.1", 9))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
    return 1


def through_a_helper():
    import importlib.util

    spec = importlib.util.spec_from_file_location("helper", os.environ["HELPER"])
    helper = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(helper)
    return helper.start()


def many():
    for number in range(300):
        open(os.path.join(HERE, f"{number}.txt"), "w").close()
    return 1


def goes_on_without():
    try:
        open(os.path.join(HERE, "cache.txt"), "w").close()
    except OSError as error:
        return type(error).__name__
    return "written"
