#include "tests/unit/shared/client/scripted_hub.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>

namespace parley::testing {

void device::feed(const client_fact& fact) {
    client_effects effects;
    core.step(now, fact, effects);
    carry_out(effects);
}

void device::wait(std::int64_t ms) {
    const auto until = now.mono_ms + ms;
    for (auto due = core.deadline(); due && *due <= until; due = core.deadline()) {
        pass(std::max<std::int64_t>(*due - now.mono_ms, 0));
        feed(deadline_passed_fact{});
    }
    pass(until - now.mono_ms);
}

void device::start(bool memory_only) {
    started fact;
    fact.user = ann;
    fact.user_name = "ann";
    fact.own_outbox = tab_outbox;
    fact.records = disk;
    fact.memory_only = memory_only;
    feed(fact);
}

void device::reload() {
    core =
        client(client_config{}, random_source{now.mono_ms > 0 ? static_cast<std::uint64_t>(now.mono_ms) : 1});
    writes.clear();
    up.clear();
    pass(1);
    start();
}

void device::write() {
    REQUIRE(!writes.empty());
    const auto batch = writes.front();
    writes.erase(writes.begin());
    const auto forget_key = [&](const std::string& key) {
        const auto same = [&](const stored_record& r) { return r.key == key; };
        disk.erase(std::remove_if(disk.begin(), disk.end(), same), disk.end());
    };
    for (const auto& record : batch.put) {
        forget_key(record.key);
        disk.push_back(record);
    }
    for (const auto& key : batch.drop)
        forget_key(key);
    feed(persisted{batch.batch});
}

void device::write_all() {
    while (!writes.empty())
        write();
}

void device::fail_write(persist_failed::reason why) {
    REQUIRE(!writes.empty());
    const auto batch = writes.front().batch;
    writes.erase(writes.begin());
    feed(persist_failed{batch, why});
}

acknowledge device::intend(intended fact) {
    if (fact.intent == 0) fact.intent = next_intent_++;
    feed(fact);
    REQUIRE(!answers.empty());
    REQUIRE(answers.back().intent == fact.intent);
    return answers.back();
}

change_id device::say(room_id room, std::string text) {
    intended fact;
    fact.kind = intended::what::send_message;
    fact.room = room;
    fact.text = std::move(text);
    const auto answer = intend(fact);
    REQUIRE(answer.code == errc::none);
    return answer.change;
}

acknowledge device::type(room_id room, std::string text) {
    intended fact;
    fact.kind = intended::what::save_draft;
    fact.room = room;
    fact.text = std::move(text);
    return intend(fact);
}

void device::show(room_id room) {
    intended fact;
    fact.kind = intended::what::show_room;
    fact.room = room;
    intend(fact);
}

void device::hub_message(const bytes& message) {
    feed(bytes_arrived{socket, message});
}

void device::greet(std::vector<wire::room> rooms, wire::welcome welcome) {
    open();
    if (welcome.user.is_zero()) welcome.user = ann;
    if (welcome.time_ms == 0) welcome.time_ms = now.wall_ms;
    if (welcome.name.empty()) welcome.name = "ann";
    welcome.epoch = 1;
    bytes message;
    wire::append(message, welcome);
    for (const auto& room : rooms)
        wire::append(message, room);
    wire::append(message, wire::reply{});
    hub_message(message);
}

void device::resume(room_id room, const std::vector<wire::event>& log, std::uint64_t w, std::uint64_t epoch) {
    const auto asked = subscribed(room);
    REQUIRE(asked);
    bytes message;
    wire::page page;
    page.request = asked->request;
    page.room = room;
    page.from = asked->seq;
    page.fresh = asked->seq == 0;
    page.epoch = epoch;
    wire::append(message, page);
    for (const auto& event : log)
        if (event.seq > page.from && event.seq <= w) wire::append(message, event);
    wire::append(message, wire::watermark{room, epoch, w, {}});
    for (const auto& event : log)
        if (event.seq > w) wire::append(message, event);
    wire::reply reply;
    reply.request = asked->request;
    wire::append(message, reply);
    hub_message(message);
}

void device::hub_watermark(room_id room, std::uint64_t w, std::uint64_t epoch) {
    hub(wire::watermark{room, epoch, w, {}});
}

void device::answer(std::uint32_t request, errc code) {
    wire::reply reply;
    reply.request = request;
    reply.code = code;
    hub(reply);
}

void device::be_in_general() {
    start();
    show(general);
    greet({room_frame(general, "general", 2)});
    resume(general, {create_event(general), message_event(general, 2, bobs(2), "first")}, 2);
    write_all();
    forget();
}

std::optional<wire::subscribe> device::subscribed(room_id room) const {
    std::optional<wire::subscribe> last;
    for (const auto& frame : sent<wire::subscribe>())
        if (frame.room == room) last = frame;
    return last;
}

bool device::logged(const std::string& event) const {
    return std::any_of(logs.begin(), logs.end(), [&](const client_log& line) { return line.event == event; });
}

const row_view* device::row(room_id room, const change_id& change) {
    const auto* view = core.room(room);
    if (!view) return nullptr;
    for (const auto& row : view->rows)
        if (row.change == change) return &row;
    return nullptr;
}

std::vector<std::string> device::texts(room_id room) {
    std::vector<std::string> all;
    if (const auto* view = core.room(room))
        for (const auto& row : view->rows)
            if (row.kind == change_kind::message) all.push_back(row.text);
    return all;
}

op_state device::state(room_id room, const change_id& change) {
    const auto* found = row(room, change);
    REQUIRE(found);
    return found->state;
}

void device::carry_out(const client_effects& effects) {
    for (const auto& effect : effects) {
        if (const auto* e = std::get_if<open_socket>(&effect)) socket = e->attempt, socket_open = true;
        if (const auto* e = std::get_if<send_bytes>(&effect)) receive(e->message);
        if (const auto* e = std::get_if<close_socket>(&effect))
            socket_open = socket_open && e->attempt != socket;
        if (const auto* e = std::get_if<persist>(&effect)) writes.push_back(*e);
        if (const auto* e = std::get_if<release_outbox>(&effect)) released.push_back(e->outbox);
        if (std::get_if<forget_user>(&effect)) forgotten = true;
        if (const auto* e = std::get_if<acknowledge>(&effect)) answers.push_back(*e);
        if (const auto* e = std::get_if<ask_sign_in>(&effect)) sign_in = e->code;
        if (const auto* e = std::get_if<client_log>(&effect)) logs.push_back(*e);
    }
}

void device::receive(const bytes& message) {
    REQUIRE(socket_open);
    wire::frame_reader frames{message};
    for (auto frame = frames.next(); !frame.empty(); frame = frames.next()) {
        auto read = wire::decode_up(frame);
        REQUIRE(read);
        up.push_back(*read);
    }
    REQUIRE(!frames.malformed());
}

change_id bobs(std::uint64_t n) {
    return {bob, op_id{make_ulid(server_ms, 0, n)}};
}

wire::event create_event(room_id room, std::uint64_t seq, std::uint64_t epoch) {
    wire::event event;
    event.room = room;
    event.seq = seq;
    event.epoch = epoch;
    event.id = bobs(1'000'000 + seq);
    event.author_name = "bob";
    event.kind = change_kind::create;
    event.name = "general";
    event.time_ms = server_ms;
    return event;
}

wire::event message_event(room_id room, std::uint64_t seq, change_id id, std::string text,
                          std::uint64_t epoch) {
    wire::event event;
    event.room = room;
    event.seq = seq;
    event.epoch = epoch;
    event.id = id;
    event.author_name = id.author == ann ? "ann" : "bob";
    event.kind = change_kind::message;
    event.text = std::move(text);
    event.time_ms = server_ms;
    return event;
}

wire::event event_of(const wire::op& op, std::uint64_t seq, std::uint64_t epoch) {
    auto event = message_event(op.room, seq, {ann, op.id}, op.text, epoch);
    event.kind = op.kind;
    event.name = op.name;
    if (op.kind == change_kind::nothing) event.code = errc::discarded;
    return event;
}

wire::op_reply reply_to(const wire::op& op, outcome outcome, errc code) {
    wire::op_reply reply;
    reply.op = op.id;
    reply.room = op.room;
    reply.offer = op.offer;
    reply.outcome = outcome;
    reply.code = code;
    reply.kind = op.kind;
    return reply;
}

wire::room room_frame(room_id id, std::string name, std::uint64_t w, bool joined) {
    wire::room room;
    room.id = id;
    room.name = std::move(name);
    room.epoch = 1;
    room.head = room.w = w;
    room.members = 2;
    room.joined = joined;
    return room;
}

}  // namespace parley::testing
