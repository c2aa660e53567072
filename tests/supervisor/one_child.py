"""A program for tests to kill: a supervisor with one child, which reports to the port it is given."""

import sys
from pathlib import Path

from app.supervisor import Child, Supervisor

PHONE_HOME = """
import os, socket, sys
home = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
home.sendall(f"web {os.getpid()}\\n".encode())
home.recv(1)
"""

if __name__ == "__main__":
    child = Child("web", (sys.executable, "-c", PHONE_HOME, sys.argv[1]))
    Supervisor([child], Path(sys.argv[2])).run()
