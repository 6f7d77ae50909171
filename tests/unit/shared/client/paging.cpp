#include "tests/support/catch.hpp"
#include "tests/unit/shared/client/scripted_hub.hpp"

#include <algorithm>

/// Reading far back, in a room that is longer than what is held of it at once.
namespace parley::testing {

namespace {

constexpr std::size_t held_most = 400;
constexpr std::uint64_t first_head = 1'000;

client_config small() {
    client_config config;
    config.timeline_events = held_most;
    return config;
}

wire::event said(std::uint64_t seq) {
    return message_event(general, seq, bobs(seq), std::to_string(seq));
}

/// Ann's device, following a long room at its end; the hub's log is `head` long.
struct reader {
    device d{small()};
    std::uint64_t head = first_head;
    std::size_t answered = 0;

    reader() {
        d.start();
        d.show(general);
        connect();
    }

    void connect() {
        d.greet({room_frame(general, "general", head)});
        answered = d.sent<wire::request>().size();
        const auto asked = *d.subscribed(general);
        const auto from = asked.seq != 0 ? asked.seq : head - 50;
        d.hub(wire::page{asked.request, general, from, asked.seq == 0, 1});
        for (auto seq = from + 1; seq <= head; ++seq)
            d.hub(said(seq));
        d.hub_watermark(general, head);
        d.answer(asked.request);
    }

    void say(std::uint64_t count) {
        for (; count > 0; --count) {
            d.hub(said(++head));
            d.hub_watermark(general, head);
        }
    }

    void ask(intended::what kind) {
        intended fact;
        fact.kind = kind;
        fact.room = general;
        REQUIRE(d.intend(fact).code == errc::none);
    }

    /// Answers all requests for history, `page` events at a time.
    void answer(std::uint64_t page = 100) {
        for (auto all = d.sent<wire::request>(); answered < all.size(); all = d.sent<wire::request>()) {
            const auto& asked = all[answered++];
            const auto to = asked.before - 1;
            const auto from = to - std::min({to, page, std::uint64_t{asked.limit}});
            for (auto seq = from + 1; seq <= to; ++seq)
                d.hub(said(seq));
            wire::reply reply;
            reply.request = asked.id;
            reply.from = from;
            reply.to = to;
            reply.more = from > 0;
            d.hub(reply);
        }
    }

    void older(std::uint64_t page = 100) { ask(intended::what::load_older), answer(page); }

    void newer(std::uint64_t page = 100) { ask(intended::what::load_newer), answer(page); }

    const room_view& view() { return *d.core.room(general); }

    /// From which place to which there are rows, without a gap.
    std::pair<std::uint64_t, std::uint64_t> stretch() {
        const auto& rows = view().rows;
        REQUIRE(!rows.empty());
        for (std::size_t i = 1; i < rows.size(); ++i)
            REQUIRE(rows[i].seq == rows[i - 1].seq + 1);
        REQUIRE(rows.front().seq == view().held_from + 1);
        return {rows.front().seq, rows.back().seq};
    }

    void to_the_beginning() {
        for (int pages = 0; view().held_from > 0; ++pages) {
            REQUIRE(pages < 20);
            older();
            CHECK(view().rows.size() <= held_most);
            stretch();
        }
    }
};

}  // namespace

TEST_CASE("a reader comes to the beginning of a room and back to its end, and never sees a gap") {
    reader r;
    r.to_the_beginning();
    CHECK(r.stretch() == std::pair<std::uint64_t, std::uint64_t>{1, held_most});
    CHECK(r.view().held_to == held_most);
    const auto page = GENERATE(std::uint64_t{100}, std::uint64_t{30});  // large events make small pages
    for (int pages = 0; r.view().held_to > 0; ++pages) {
        REQUIRE(pages < 20);
        r.newer(page);
        CHECK(r.view().rows.size() <= held_most);
        r.stretch();
    }
    CHECK(r.stretch().second == first_head);
    r.say(1);
    CHECK(r.stretch().second == first_head + 1);
}

TEST_CASE("what is said meanwhile does not move what one reads, and is there when one comes back") {
    reader r;
    r.to_the_beginning();
    const auto before = r.stretch();
    r.say(500);
    CHECK(r.stretch() == before);
    CHECK(r.view().head == first_head + 500);
    while (r.view().held_to > 0)
        r.newer();
    CHECK(r.stretch().second == first_head + 500);
    r.to_the_beginning();
    r.ask(intended::what::show_latest);
    CHECK(r.view().held_to == 0);
    CHECK(r.stretch().second == first_head + 500);
}

TEST_CASE("who writes is at the end of the log again, where it is going to stand") {
    reader r;
    r.to_the_beginning();
    const auto id = r.d.say(general, "mine");
    CHECK(r.view().held_to == 0);
    REQUIRE(!r.view().rows.empty());
    CHECK(r.view().rows.back().change == id);
    CHECK(r.view().rows[r.view().rows.size() - 2].seq == first_head);
}

TEST_CASE("writing does not stop a page that is on its way") {
    reader r;
    r.ask(intended::what::load_older);
    r.d.say(general, "mine");
    CHECK(r.view().loading_older);
    r.answer();
    CHECK(r.view().held_from == first_head - 150);
}

TEST_CASE("reading back outlives a connection, and a page that was asked for is asked for again") {
    reader r;
    r.to_the_beginning();
    r.ask(intended::what::load_newer);
    CHECK(r.view().loading_newer);
    r.d.close();
    r.d.wait(2'000);
    r.connect();
    r.answer();
    CHECK(r.stretch() == std::pair<std::uint64_t, std::uint64_t>{101, held_most + 100});
}

TEST_CASE("a snapshot that replaces the end of the log ends reading back") {
    reader r;
    r.to_the_beginning();
    r.d.close();
    r.d.wait(2'000);
    r.head += 5'000;
    r.d.greet({room_frame(general, "general", r.head)});
    const auto asked = *r.d.subscribed(general);
    r.d.hub(wire::page{asked.request, general, r.head - 1, true, 1});
    r.d.hub(said(r.head));
    r.d.hub_watermark(general, r.head);
    r.d.answer(asked.request);
    CHECK(r.view().held_to == 0);
    CHECK(r.view().rows.size() == 1);
}

TEST_CASE("another room on the screen ends reading back") {
    reader r;
    r.to_the_beginning();
    r.d.show(kitchen);
    r.d.show(general);
    CHECK(r.view().held_to == 0);
    CHECK(r.stretch().second == first_head);
}

TEST_CASE("a page that brings nothing is given up and may be asked for again") {
    reader r;
    r.ask(intended::what::load_older);
    const auto asked = r.d.sent<wire::request>().back();
    wire::reply nothing;
    nothing.request = asked.id;
    nothing.from = nothing.to = asked.before - 1;
    r.d.hub(nothing);
    CHECK_FALSE(r.view().loading_older);
    r.answered = r.d.sent<wire::request>().size();
    r.older();
    CHECK(r.view().held_from == first_head - 150);
}

}  // namespace parley::testing
