import Core
import Testing

struct MetricsTests {
    @Test func `instruments of one family stand together under one heading`() {
        let metrics = Metrics()
        let sse = metrics.counter("streams_total", help: "Streams opened", labels: ["transport": "sse"])
        let socket = metrics.counter("streams_total", help: "Streams opened", labels: ["transport": "ws"])
        sse.increment(by: 2)
        socket.increment()
        #expect(
            metrics.rendered() == """
                # HELP streams_total Streams opened
                # TYPE streams_total counter
                streams_total{transport="sse"} 2
                streams_total{transport="ws"} 1

                """)
    }

    @Test func `a histogram's buckets are cumulative`() {
        let metrics = Metrics()
        let histogram = metrics.histogram("lag_seconds", help: "Lag")
        for duration in [Duration.microseconds(50), .milliseconds(3), .seconds(60)] { histogram.record(duration) }
        let text = metrics.rendered()
        #expect(text.contains(#"lag_seconds_bucket{le="0.0001"} 1"#))
        #expect(text.contains(#"lag_seconds_bucket{le="0.005"} 2"#))
        #expect(text.contains(#"lag_seconds_bucket{le="10.0"} 2"#))
        #expect(text.contains(#"lag_seconds_bucket{le="+Inf"} 3"#))
        #expect(text.contains("lag_seconds_count 3"))
    }

    @Test func `a gauge that is read on demand shows the value of that moment`() {
        let metrics = Metrics()
        let gauge = metrics.gauge("open", help: "Open")
        metrics.gauge("twice", help: "Twice") { gauge.value * 2 }
        gauge.add(3)
        gauge.add(-1)
        #expect(metrics.rendered().contains("open 2\n"))
        #expect(metrics.rendered().contains("twice 4\n"))
    }
}
