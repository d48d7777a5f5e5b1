from tests.support.enterprise import *


def test_it(enterprise, device):
    ms = device.row(5)
    print(enterprise.admit(*ms))
    print(enterprise.admit(*ms))
    enterprise.integrate()
    from ledger.log.counting import counted_readings
    from ledger.log.summing import sums
    with enterprise.database.reading() as uow:
        print(sums(uow, enterprise.log, SERIES, [START_S, START_S+3600, START_S+7200]))
        print(list(counted_readings(uow, enterprise.log, SERIES, START_S, START_S+3600)))
        print(uow.surveys.epochs(enterprise.log.number), uow.surveys.series(enterprise.log.number))
    print(enterprise.answering.promise(enterprise.log, now=Instant(enterprise.now+5000)))
    print(enterprise.answering.confirm(enterprise.log, now=enterprise.now))
    assert 1
