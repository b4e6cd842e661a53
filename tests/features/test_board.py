from __future__ import annotations

from bridge.features.board import Board, Condition, Queue, Report


async def test_trouble_and_the_longest_queues_come_first() -> None:
    board = Board()

    async def reports() -> list[Report]:
        return [
            Report(name="a", title="A", condition=Condition.WELL),
            Report(name="b", title="B", condition=Condition.TROUBLE),
        ]

    async def queues() -> list[Queue]:
        return [Queue(name="a", waiting=1), Queue(name="b", waiting=5)]

    board.add_reports(reports)
    board.add_queues(queues)
    assert [report.name for report in await board.reports()] == ["b", "a"]
    assert [queue.name for queue in await board.queues()] == ["b", "a"]
