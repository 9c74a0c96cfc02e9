"""Runs Locust in its own process: HOST USERS SECONDS KIND. Prints requests and CPU seconds, without the first two seconds."""

import resource
import sys

import gevent
from locust import FastHttpUser, HttpUser, constant, task
from locust.env import Environment

host, users, seconds, kind = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]


class Visitor(FastHttpUser if kind == "fast" else HttpUser):
    wait_time = constant(0)

    @task
    def get(self):
        self.client.get("/")


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


Visitor.host = host
environment = Environment(user_classes=[Visitor])
runner = environment.create_local_runner()
runner.start(users, spawn_rate=users)
gevent.sleep(2)
before = (environment.stats.total.num_requests, cpu_seconds())
gevent.sleep(seconds)
after = (environment.stats.total.num_requests, cpu_seconds())
runner.quit()
print(after[0] - before[0], after[1] - before[1])
