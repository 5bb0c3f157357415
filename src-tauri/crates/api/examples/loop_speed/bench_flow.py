"""What is measured: a body that does next to nothing, in a module that imports what it imports."""

IMPORTS
import coflux as cf

VALUE = 0


@cf.task()
def trivial(number):
    return number + VALUE


@cf.task(memo=True)
def fetched(number):
    return number


@cf.workflow()
def one():
    return VALUE


@cf.task()
def nested(number):
    return trivial(number)


@cf.workflow()
def parents(count):
    return sum(child.result() for child in [nested.submit(n) for n in range(count)])


@cf.workflow()
def parent(count):
    return sum(child.result() for child in [trivial.submit(n) for n in range(count)])


@cf.workflow()
def memoised(calls):
    return sum(fetched(n % 100) for n in range(calls))
