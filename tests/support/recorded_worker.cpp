#include "tests/support/recorded_worker.hpp"

#include "shared/client/local_names.hpp"
#include "shared/client/records.hpp"

#include <algorithm>

namespace parley::testing {

namespace {

const user_id ann{make_ulid(talk_ms - 9'000, 1, 1)}, bob{make_ulid(talk_ms - 9'000, 1, 2)};
const room_id general{make_ulid(talk_ms - 9'000, 1, 3)};
const ulid own_outbox = make_ulid(talk_ms - 9'000, 1, 4);

std::vector<stored_record> device_records() {
    kept_op op;
    op.user = ann;
    op.outbox = own_outbox;
    op.id = op_id{make_ulid(talk_ms - 500, 2, 1)};
    op.room = general;
    op.order = 1;
    op.text = waiting_text;
    kept_draft draft{own_outbox, op_id{make_ulid(talk_ms - 400, 2, 2)}, general, std::string(draft_text),
                     ann};
    auto damaged = to_record(op);
    damaged.key = "outbox/damaged";
    return {to_record(op), to_record(draft), damaged};
}

bytes greeting() {
    bytes message;
    wire::welcome welcome;
    welcome.session = session_id{make_ulid(talk_ms, 3, 1)};
    welcome.user = ann;
    welcome.name = "ann";
    welcome.time_ms = talk_ms;
    welcome.epoch = 1;
    wire::append(message, welcome);
    wire::room room;
    room.id = general;
    room.name = "general";
    room.topic = topic_text;
    room.epoch = 1;
    room.head = room.w = 1;
    room.joined = true;
    wire::append(message, room);
    wire::append(message, wire::reply{});
    return message;
}

bytes heard() {
    bytes message;
    wire::event event;
    event.room = general;
    event.seq = 2;
    event.epoch = 1;
    event.id = {bob, op_id{make_ulid(talk_ms, 4, 1)}};
    event.author_name = "bob";
    event.time_ms = talk_ms;
    event.kind = change_kind::message;
    event.text = theirs_text;
    wire::append(message, event);
    wire::append(message, wire::watermark{general, 1, 2, {}});
    return message;
}

}  // namespace

void recorded_worker::tell(local::fact kind, flatbuffers::Offset<void> fact) {
    b.Finish(local::Createfact_in(b, kind, fact));
    recorder::moment moment;
    moment.fact.assign(b.GetBufferPointer(), b.GetBufferPointer() + b.GetSize());
    b.Clear();
    moment.mono_ms = mono_ms_;
    moment.wall_ms = talk_ms + mono_ms_;
    const auto size = static_cast<std::uint32_t>(moment.fact.size());
    std::copy(moment.fact.begin(), moment.fact.end(), core.inbox(size));
    const auto length = core.step(moment.mono_ms, moment.wall_ms, size);
    moment.gave.effects.assign(core.outbox().begin(), core.outbox().begin() + length);
    flight.moments.push_back(std::move(moment));
    pass();
}

void recorded_worker::look() {
    recorder::moment moment;
    moment.kind = recorder::moment::what::view;
    moment.mono_ms = mono_ms_;
    moment.wall_ms = talk_ms + mono_ms_;
    moment.gave.patch_size = core.view(moment.mono_ms, moment.wall_ms);
    moment.gave.patch_digest = recorder::digest_of(byte_view(core.patch()).first(moment.gave.patch_size));
    flight.moments.push_back(std::move(moment));
    pass();
}

void recorded_worker::start(const std::vector<stored_record>& records) {
    std::vector<flatbuffers::Offset<local::record>> all;
    for (const auto& record : records) {
        const auto key = b.CreateString(record.key);
        all.push_back(local::Createrecord(b, key, b.CreateVector(record.value)));
    }
    const auto list = b.CreateVector(all);
    const auto user = b.CreateString(to_text(ann));
    const auto name = b.CreateString("ann");
    const auto outbox = b.CreateString(to_text(own_outbox));
    tell(local::fact::started, local::Createstarted(b, 1, 2, user, name, outbox, list, false, true).Union());
}

void recorded_worker::hear(const bytes& message) {
    tell(local::fact::bytes_arrived, local::Createbytes_arrived(b, 1, b.CreateVector(message)).Union());
}

void recorded_worker::intend(local::intent_kind kind, std::string_view text) {
    const auto room = b.CreateString(to_text(general));
    const auto none = b.CreateString("");
    const auto said = b.CreateString(text.data(), text.size());
    tell(local::fact::intended,
         local::Createintended(b, next_intent_++, kind, room, none, none, said).Union());
}

recorder::recording a_talk() {
    recorded_worker worker;
    worker.start(device_records());
    worker.tell(local::fact::network_changed, local::Createnetwork_changed(worker.b, true).Union());
    worker.look();
    worker.tell(local::fact::socket_opened, local::Createsocket_opened(worker.b, 1).Union());
    worker.hear(greeting());
    worker.intend(local::intent_kind::show_room, "");
    worker.hear(heard());
    worker.tell(local::fact::patch_drawn, local::Createpatch_drawn(worker.b, 1).Union());
    worker.look();
    worker.intend(local::intent_kind::send_message, own_text);
    worker.intend(local::intent_kind::save_draft, draft_text);
    worker.intend(local::intent_kind::list_rooms, "");
    worker.tell(local::fact::persisted, local::Createpersisted(worker.b, 1).Union());
    worker.tell(local::fact::patch_drawn, local::Createpatch_drawn(worker.b, 2).Union());
    worker.look();
    recorder::recording all;
    all.program = "a test";
    all.flights.push_back(std::move(worker.flight));
    return all;
}

}  // namespace parley::testing
