"""A canary of 4 steps x 15 looks as a bare loop in SimPy: no engine, no world but one random number a look.

Prints runs per CPU-second.
"""

import random
import time

import simpy

RUNS = 10_000


def canary(environment, chance, promoted):
    for _ in (5, 25, 50, 100):
        failures = 0
        for _ in range(15):
            yield environment.timeout(60)
            if chance.gauss(0.01, 0.002) >= 0.5:
                failures += 1
        if failures:
            return
    promoted.append(1)


def main():
    promoted = []
    start = time.process_time()
    for seed in range(RUNS):
        environment = simpy.Environment()
        environment.process(canary(environment, random.Random(seed), promoted))
        environment.run()
    spent = time.process_time() - start
    assert len(promoted) == RUNS
    print(RUNS / spent)


main()
