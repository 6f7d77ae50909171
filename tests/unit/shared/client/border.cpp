#include "shared/client/local_border.hpp"
#include "shared/client/local_names.hpp"
#include "shared/client/records.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/shared/client/scripted_hub.hpp"

#include <map>

namespace parley::testing {

namespace {

namespace fb = flatbuffers;

/// What a page makes of patches.
struct page {
    std::map<std::string, std::string> rows;  // text by change
    std::map<std::string, std::string> ops;   // room and text by change
    std::vector<std::string> rooms;
    std::uint64_t number = 0;
    bool reset = false;
    std::size_t changed = 0, gone = 0;

    bool draw(device& d) {
        const auto bytes = d.core.take_patch(d.now);
        if (bytes.empty()) return false;
        fb::Verifier verifier(bytes.data(), bytes.size());
        REQUIRE(verifier.VerifyBuffer<local::view_out>(nullptr));
        const auto* patch = fb::GetRoot<local::view_out>(bytes.data())->patch();
        number = patch->number();
        reset = patch->reset();
        changed = patch->rows() ? patch->rows()->size() : 0;
        gone = patch->gone() ? patch->gone()->size() : 0;
        if (reset) rows.clear();
        if (patch->gone())
            for (const auto* change : *patch->gone())
                rows.erase(change->str());
        if (patch->rows())
            for (const auto* row : *patch->rows())
                rows[row->change()->str()] = row->text()->str();
        if (patch->ops_gone())
            for (const auto* change : *patch->ops_gone())
                ops.erase(change->str());
        if (patch->ops())
            for (const auto* op : *patch->ops())
                ops[op->change()->str()] = op->room()->str() + " " + op->text()->str();
        if (patch->rooms()) {
            rooms.clear();
            for (const auto* room : *patch->rooms())
                rooms.push_back(room->name()->str());
        }
        return true;
    }

    void drawn(device& d) const { d.core.acknowledge_patch(number); }
};

bytes finish(fb::FlatBufferBuilder& b, local::fact kind, fb::Offset<void> fact) {
    b.Finish(local::Createfact_in(b, kind, fact));
    return bytes(b.GetBufferPointer(), b.GetBufferPointer() + b.GetSize());
}

std::optional<local_fact> decoded(byte_view buffer, bytes& aligned) {
    local_fact fact;
    if (!decode_fact(buffer, aligned, fact)) return std::nullopt;
    return fact;
}

}  // namespace

TEST_CASE("patches tell the page the difference, one at a time") {
    device d;
    page p;
    d.be_in_general();
    REQUIRE(p.draw(d));
    CHECK(p.reset);
    CHECK(p.rooms == std::vector<std::string>{"general"});
    CHECK(p.rows.size() == 2);  // who made the room, and bob's message
    const auto id = d.say(general, "hello");
    CHECK_FALSE(p.draw(d));  // the last one is not drawn yet
    p.drawn(d);
    REQUIRE(p.draw(d));
    p.drawn(d);
    CHECK_FALSE(p.reset);
    CHECK(p.changed == 1);
    CHECK(p.rows.count(change_text(id)) == 1);
    CHECK_FALSE(p.draw(d));  // nothing new
    d.hub(event_of(d.ops()[0], 3));
    REQUIRE(p.draw(d));
    p.drawn(d);
    CHECK(p.changed == 1);
    CHECK(p.gone == 0);
    d.hub(message_event(general, 4, bobs(4), "4"));
    REQUIRE(p.draw(d));
    p.drawn(d);
    CHECK(p.changed == 1);
}

TEST_CASE("a row that goes is told, and another room on the screen resets the rows") {
    device d;
    page p;
    d.start();
    d.show(general);
    const auto id = d.say(general, "never offered");
    REQUIRE(p.draw(d));
    p.drawn(d);
    CHECK(p.rows.size() == 1);
    intended discard;
    discard.kind = intended::what::discard_op;
    discard.change = id;
    d.intend(discard);
    d.write_all();
    REQUIRE(p.draw(d));
    p.drawn(d);
    CHECK(p.gone == 1);
    CHECK(p.rows.empty());
    d.show(kitchen);
    REQUIRE(p.draw(d));
    CHECK(p.reset);
}

TEST_CASE("patches tell all of one's own ops without verdict, whatever room is on the screen") {
    device d;
    page p;
    d.be_in_general();
    d.show(kitchen);
    REQUIRE(p.draw(d));
    p.drawn(d);
    CHECK(p.ops.empty());
    const auto id = d.say(general, "elsewhere");
    REQUIRE(p.draw(d));
    p.drawn(d);
    REQUIRE(p.ops.size() == 1);
    CHECK(p.ops[change_text(id)] == to_text(general) + " elsewhere");
    d.hub(event_of(d.ops()[0], 3));
    d.hub_watermark(general, 3);
    REQUIRE(p.draw(d));
    CHECK(p.ops.empty());
}

TEST_CASE("ops of an adopted outbox are told as one's own") {
    device d;
    page p;
    kept_op left;
    left.outbox = other_outbox;
    left.id = op_id{make_ulid(server_ms, 0, 5)};
    left.room = kitchen;
    left.order = 1;
    left.text = "left behind";
    left.user = ann;
    d.start();
    d.feed(outbox_claimed{other_outbox, {to_record(left)}});
    REQUIRE(p.draw(d));
    REQUIRE(p.ops.size() == 1);
    CHECK(p.ops.begin()->second == to_text(kitchen) + " left behind");
    const auto ops = d.core.outbox();
    REQUIRE(ops.size() == 1);
    CHECK(ops[0].saved);
    CHECK(ops[0].state == op_state::queued);
}

TEST_CASE("facts cross the border") {
    bytes aligned;
    {
        fb::FlatBufferBuilder b;
        const auto fact = local::CreateintendedDirect(b, 5, local::intent_kind::send_message,
                                                      to_text(general).c_str(), "", "", "hello");
        const auto read = decoded(finish(b, local::fact::intended, fact.Union()), aligned);
        REQUIRE(read);
        const auto& said = std::get<intended>(read->fact);
        CHECK(said.intent == 5);
        CHECK(said.kind == intended::what::send_message);
        CHECK(said.room == general);
        CHECK(said.text == "hello");
    }
    {
        fb::FlatBufferBuilder b;
        const auto fact =
            local::CreatestartedDirect(b, 1, 2, to_text(ann).c_str(), "ann", to_text(tab_outbox).c_str());
        const auto read = decoded(finish(b, local::fact::started, fact.Union()), aligned);
        REQUIRE(read);
        CHECK(read->seed == 0x1'0000'0002u);
        const auto& said = std::get<started>(read->fact);
        CHECK(said.user == ann);
        CHECK(said.own_outbox == tab_outbox);
        CHECK(read->config.ping_interval_ms == client_config{}.ping_interval_ms);
    }
    {
        fb::FlatBufferBuilder b;
        const local::link_parameters link(0, 0, 0, 3, 0, 0, 500, 0, 0, 0);
        const auto user = b.CreateString(to_text(ann));
        const auto outbox = b.CreateString(to_text(tab_outbox));
        const auto fact = local::Createstarted(b, 1, 2, user, 0, outbox, 0, false, true, &link);
        const auto read = decoded(finish(b, local::fact::started, fact.Union()), aligned);
        REQUIRE(read);
        CHECK(read->config.ping_interval_ms == 500);
        CHECK(read->config.attempts == 3);
        CHECK(read->config.ping_timeout_ms == client_config{}.ping_timeout_ms);
    }
    {
        fb::FlatBufferBuilder b;
        const std::vector<std::uint8_t> message{1, 2, 3};
        const auto fact = local::Createbytes_arrived(b, 4, b.CreateVector(message));
        const auto read = decoded(finish(b, local::fact::bytes_arrived, fact.Union()), aligned);
        REQUIRE(read);
        const auto& said = std::get<bytes_arrived>(read->fact);
        CHECK(said.attempt == 4);
        CHECK(bytes(said.message.begin(), said.message.end()) == message);
        CHECK(reinterpret_cast<std::uintptr_t>(said.message.data()) % 8 == 0);
    }
}

TEST_CASE("what is no fact is refused") {
    bytes aligned;
    CHECK_FALSE(decoded({}, aligned));
    const bytes garbage(100, 0x5a);
    CHECK_FALSE(decoded(garbage, aligned));
    fb::FlatBufferBuilder b;
    const auto fact = local::CreateintendedDirect(b, 5, local::intent_kind::send_message, "no id");
    const auto whole = finish(b, local::fact::intended, fact.Union());
    CHECK_FALSE(decoded(whole, aligned));
    for (std::size_t n = 0; n < whole.size(); ++n)
        CHECK_FALSE(decoded(byte_view(whole).first(n), aligned));
}

TEST_CASE("effects cross the border with the deadline") {
    client_effects effects;
    effects.push_back(open_socket{3});
    persist batch;
    batch.batch = 9;
    batch.put.push_back({"key", {1, 2}});
    batch.drop.push_back("old");
    batch.strict = true;
    effects.push_back(batch);
    acknowledge answer;
    answer.intent = 4;
    answer.code = errc::outbox_full;
    effects.push_back(answer);
    const auto bytes = encode_effects(effects, 1234);
    fb::Verifier verifier(bytes.data(), bytes.size());
    REQUIRE(verifier.VerifyBuffer<local::effects_out>(nullptr));
    const auto* out = fb::GetRoot<local::effects_out>(bytes.data());
    CHECK(out->deadline_ms() == 1234.0);
    REQUIRE(out->effects()->size() == 3);
    CHECK(out->effects()->Get(0)->effect_as_open_socket()->attempt() == 3);
    const auto* persisted = out->effects()->Get(1)->effect_as_persist();
    CHECK(persisted->put()->Get(0)->key()->str() == "key");
    CHECK(persisted->put()->Get(0)->value()->size() == 2);
    CHECK(persisted->drop()->Get(0)->str() == "old");
    CHECK(persisted->strict());
    const auto* said = out->effects()->Get(2)->effect_as_acknowledge();
    CHECK(said->code() == static_cast<std::uint16_t>(errc::outbox_full));
}

}  // namespace parley::testing
