#include "shared/base/limits.hpp"
#include "shared/client/records.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/shared/client/scripted_hub.hpp"

#include <limits>

namespace parley::testing {

namespace {

stored_record orphan(const ulid& outbox, std::uint64_t n, std::string text) {
    kept_op op;
    op.outbox = outbox;
    op.id = op_id{make_ulid(server_ms, 1, n)};
    op.room = general;
    op.order = n;
    op.text = std::move(text);
    op.user = ann;
    return to_record(op);
}

}  // namespace

TEST_CASE("damaged records are set aside, logged and never sent") {
    device d;
    d.be_in_general();
    d.say(general, "whole");
    d.say(general, "damaged");
    d.write_all();
    d.disk.back().value[40] ^= 1;
    d.disk.push_back({d.disk.front().key + "x", {1, 2, 3}});
    d.disk.push_back({"outbox/" + to_text(tab_outbox) + "/op/nonsense", {9, 9}});
    d.reload();
    d.show(general);
    CHECK(d.texts(general) == std::vector<std::string>{"whole"});
    CHECK(d.logged("record_set_aside"));
}

TEST_CASE("what another user wrote is set aside, logged and never sent") {
    device d;
    kept_op op;
    op.outbox = tab_outbox;
    op.id = op_id{make_ulid(server_ms, 1, 1)};
    op.room = general;
    op.text = "another's";
    op.user = bob;
    kept_draft draft{tab_outbox, op_id{make_ulid(server_ms, 1, 2)}, general, "another's draft", bob};
    d.disk = {to_record(op), to_record(draft)};
    d.start();
    CHECK(d.logged("record_set_aside"));
    CHECK(d.core.status(d.now).outbox == 0);
    d.show(general);
    CHECK(d.core.room(general)->draft.empty());
}

TEST_CASE("every damage to a record is noticed") {
    const auto record = orphan(tab_outbox, 1, "precious");
    REQUIRE(parse_record(record));
    for (std::size_t i = 0; i < record.value.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            auto damaged = record;
            damaged.value[i] = static_cast<std::uint8_t>(damaged.value[i] ^ (1u << bit));
            CHECK_FALSE(parse_record(damaged));
        }
        auto cut = record;
        cut.value.resize(i);
        CHECK_FALSE(parse_record(cut));
    }
    auto elsewhere = record;
    elsewhere.key = orphan(other_outbox, 1, "precious").key;
    CHECK_FALSE(parse_record(elsewhere));
}

TEST_CASE("a record of an op that holds more than its kind says is set aside") {
    kept_op op;
    op.outbox = tab_outbox;
    op.id = op_id{make_ulid(server_ms, 1, 2)};
    op.room = kitchen;
    op.text = "hello";
    REQUIRE(parse_record(to_record(op)));
    op.name = std::string(limits::ws_message_bytes, 'n');
    CHECK_FALSE(parse_record(to_record(op)));
    op.name.clear();
    op.kind = change_kind::leave;
    CHECK_FALSE(parse_record(to_record(op)));
    op.text.clear();
    CHECK(parse_record(to_record(op)));
}

TEST_CASE("a record of a clock that no server has is set aside") {
    for (const auto offset : {ulid_time_max_ms + 1, std::numeric_limits<std::int64_t>::min()})
        CHECK_FALSE(parse_record(to_record(kept_clock{offset})));
}

TEST_CASE("records read back as they were written") {
    kept_op op;
    op.outbox = tab_outbox;
    op.id = op_id{make_ulid(server_ms, 1, 2)};
    op.room = kitchen;
    op.order = 7;
    op.intent = 9;
    op.kind = change_kind::create;
    op.discard = true;
    op.failed = errc::forbidden;
    op.name = "kitchen";
    op.text = "soup";
    const auto back = std::get<kept_op>(*parse_record(to_record(op)));
    CHECK(back.outbox == op.outbox);
    CHECK(back.id == op.id);
    CHECK(back.room == op.room);
    CHECK(back.order == 7);
    CHECK(back.intent == 9);
    CHECK(back.kind == op.kind);
    CHECK(back.discard);
    CHECK(back.failed == errc::forbidden);
    CHECK(back.name == "kitchen");
    CHECK(back.text == "soup");
    CHECK(std::get<kept_clock>(*parse_record(to_record(kept_clock{-5}))).offset_ms == -5);
}

}  // namespace parley::testing
