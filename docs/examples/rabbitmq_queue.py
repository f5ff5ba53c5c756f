"""Receives game events from a queue of its own on Tandem's RabbitMQ server.

    pip install pika
    python rabbitmq_queue.py amqp://user:password@host/ my_program

The queue keeps events while no copy of this program runs, and several copies share them. An event that can't be handled is
retried, and after five failed attempts goes to the queue `my_program.dead`.
"""

import json
import sys

import pika


def handle(event):
    """Handles one event. It may arrive twice, so store `epoch` and `number` with the result."""
    payload = json.loads(event["payload"])
    print(event["number"], event["kind"], event["topic"], payload["game_id"], flush=True)


def main(url, queue):
    channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
    channel.exchange_declare("game_scheduler", "topic", durable=True)
    dead = f"{queue}.dead"
    channel.exchange_declare(dead, "fanout", durable=True)
    channel.queue_declare(dead, durable=True, arguments={"x-queue-type": "quorum", "x-max-length": 10_000})
    channel.queue_bind(dead, dead)
    # Only quorum queues count failed deliveries. Without a maximum length, a queue that nobody reads fills the server's disk.
    channel.queue_declare(queue, durable=True, arguments={
        "x-queue-type": "quorum", "x-delivery-limit": 4, "x-dead-letter-exchange": dead, "x-max-length": 100_000})
    channel.queue_bind(queue, "game_scheduler", "game.#")
    # One at a time preserves the order as long as one copy runs and nothing fails.
    channel.basic_qos(prefetch_count=1)
    for delivery, _, body in channel.consume(queue):
        try:
            handle(json.loads(body))
        except Exception as error:
            print(f"{delivery.routing_key} failed: {error!r}", file=sys.stderr, flush=True)
            channel.connection.sleep(0.5)
            channel.basic_nack(delivery.delivery_tag, requeue=True)
        else:
            channel.basic_ack(delivery.delivery_tag)


if __name__ == "__main__":
    main(*sys.argv[1:])
