#include "tests/fuzz/client_stage.hpp"

#include "shared/base/assert.hpp"
#include "shared/base/limits.hpp"
#include "shared/client/local_border.hpp"
#include "shared/client/records.hpp"
#include "shared/wire/codec.hpp"
#include "shared/wire/validate.hpp"

namespace parley::fuzz {
namespace {

constexpr int dues_at_once_most = 3;  // a deadline may lead to another that has passed, but not for ever

}  // namespace

client_stage::client_stage(bool locks) : locks_(locks) {
    words_.time_ms = now_.wall_ms;
}

std::vector<stored_record> client_stage::records() const {
    std::vector<stored_record> all;
    for (const auto& [key, value] : disk)
        all.push_back({key, value});
    return all;
}

void client_stage::start() {
    client_config config;
    config.outbox_locks = locks_;
    core_.emplace(config, random_source{++generation_});
    page_ = {};
    writes_.clear();
    last_batch_ = 0;
    attempt_ = 0;
    socket_ = socket::none;
    signed_out_ = false;
    held_ = {some_outbox(0)};
    server_.disconnect();
    feed(started{some_user(0), "ann", some_outbox(0), records(), false});
}

void client_stage::reload() {
    start();
}

void client_stage::feed(const client_fact& fact) {
    client_effects effects;
    const auto* intent = std::get_if<intended>(&fact);
    intending_ = intent && !signed_out_ ? std::optional{intent->intent} : std::nullopt;
    core_->step(now_, fact, effects);
    const auto told = encode_effects(effects, core_->deadline());
    digest_ = mix64(digest_ ^ sip_hash({1, 2}, told));
    for (const auto& effect : effects)
        std::visit([&](const auto& known) { perform(known); }, effect);
    PARLEY_ASSERT(!intending_);
    check_after(fact);
}

void client_stage::check_after(const client_fact& fact) {
    const auto due = core_->deadline();
    const bool again = std::holds_alternative<deadline_passed_fact>(fact) && due && *due <= now_.mono_ms;
    dues_at_once_ = again ? dues_at_once_ + 1 : 0;
    PARLEY_ASSERT(dues_at_once_ <= dues_at_once_most);
    const auto status = core_->status(now_);
    PARLEY_ASSERT(status.outbox <= limits::outbox_ops);
    const bool connected = status.connection == connection_state::live ||
                           status.connection == connection_state::greeting ||
                           status.connection == connection_state::connecting;
    PARLEY_ASSERT(connected == (socket_ != socket::none));
    page_model::check(*core_);
}

void client_stage::perform(const open_socket& effect) {
    PARLEY_ASSERT(effect.attempt > attempt_ && socket_ == socket::none);
    attempt_ = effect.attempt;
    socket_ = socket::opening;
    last_offer_ = 0;
    server_.disconnect();
}

void client_stage::perform(const send_bytes& effect) {
    PARLEY_ASSERT(effect.attempt == attempt_ && socket_ == socket::open);
    PARLEY_ASSERT(!effect.message.empty() && effect.message.size() <= limits::ws_message_bytes);
    wire::frame_reader frames{effect.message};
    for (auto one = frames.next(); !one.empty(); one = frames.next()) {
        auto frame = wire::decode_up(one);
        PARLEY_ASSERT(frame.has_value());
        hear(std::move(*frame));
    }
    PARLEY_ASSERT(!frames.malformed());
}

void client_stage::hear(wire::frame_up frame) {
    PARLEY_ASSERT(!std::holds_alternative<wire::skipped>(frame));
    if (const auto* op = std::get_if<wire::op>(&frame)) hear_op(*op);
    if (const auto* sub = std::get_if<wire::subscribe>(&frame)) words_.asked(sub->request);
    if (const auto* settle = std::get_if<wire::settle>(&frame)) words_.asked(settle->request);
    if (const auto* request = std::get_if<wire::request>(&frame)) words_.asked(request->id);
    server_.hears(std::move(frame));
}

/// An op keeps what it is as long as it is offered, unless it is taken back (L1, L2).
void client_stage::hear_op(const wire::op& op) {
    PARLEY_ASSERT(op.kind == change_kind::nothing || check_op(op));
    PARLEY_ASSERT(op.offer == last_offer_ + 1);
    last_offer_ = op.offer;
    words_.saw(op.id);
    const auto [before, first] = offered_.emplace(op.id, op);
    if (first) return;
    PARLEY_ASSERT(op.again);
    PARLEY_ASSERT(before->second.room == op.room);
    if (op.kind == change_kind::nothing || before->second.kind == change_kind::nothing) return;
    PARLEY_ASSERT(before->second.kind == op.kind && before->second.text == op.text &&
                  before->second.name == op.name);
}

void client_stage::perform(const close_socket& effect) {
    PARLEY_ASSERT(effect.attempt == attempt_ && socket_ != socket::none);
    PARLEY_ASSERT(effect.code == 1000 || (effect.code >= 3000 && effect.code <= 4999));
    socket_ = socket::none;
}

void client_stage::perform(const persist& effect) {
    PARLEY_ASSERT(effect.batch > last_batch_ && !signed_out_);
    last_batch_ = effect.batch;
    for (const auto& record : effect.put) {
        PARLEY_ASSERT(parse_record(record).has_value());
        bool ours = record.key == key_of(kept_device{}) || record.key == key_of(kept_clock{});
        for (const auto& outbox : held_)
            ours = ours || belongs_to(record.key, outbox);
        PARLEY_ASSERT(ours);
    }
    writes_.push_back(effect);
}

void client_stage::perform(const release_outbox& effect) {
    PARLEY_ASSERT(!(effect.outbox == some_outbox(0)) && held_.erase(effect.outbox) == 1);
}

void client_stage::perform(const forget_user&) {
    signed_out_ = true;
    disk.clear();
    writes_.clear();
}

void client_stage::perform(const acknowledge& effect) {
    PARLEY_ASSERT(intending_ == effect.intent);
    intending_.reset();
}

void client_stage::perform(const ask_sign_in& effect) {
    PARLEY_ASSERT(effect.code == errc::unauthenticated || effect.code == errc::revoked ||
                  effect.code == errc::wrong_user);
}

void client_stage::hear_bytes(const bytes& message) {
    if (socket_ == socket::open && !message.empty()) feed(bytes_arrived{attempt_, message});
}

void client_stage::close(std::uint16_t code) {
    if (socket_ == socket::none) return;
    socket_ = socket::none;
    feed(socket_closed{attempt_, code});
}

void client_stage::pass(std::int64_t ms) {
    now_.mono_ms += ms;
    now_.wall_ms += ms;
    words_.time_ms += ms;
}

void client_stage::reach_deadline() {
    const auto due = core_->deadline();
    if (!due) return;
    if (*due > now_.mono_ms) pass(*due - now_.mono_ms);
    feed(deadline_passed_fact{});
}

void client_stage::answer_one() {
    if (socket_ == socket::opening) {
        socket_ = socket::open;
        return feed(socket_opened{attempt_});
    }
    if (!server_.owes()) return;
    bytes message;
    server_.answer(words_.time_ms, message);
    hear_bytes(message);
}

void client_stage::calm_down(int turns) {
    for (int turn = 0; turn < turns; ++turn) {
        choices well{{}};
        while (!writes_.empty())
            answer_disk(well);
        if (socket_ == socket::opening || server_.owes()) {
            answer_one();
        } else {
            reach_deadline();
        }
        page_.look(*core_, now_, true);
    }
}

void client_stage::claim(const ulid& outbox) {
    if (!held_.insert(outbox).second || signed_out_) return;
    std::vector<stored_record> found;
    for (const auto& record : records())
        if (belongs_to(record.key, outbox)) found.push_back(record);
    feed(outbox_claimed{outbox, std::move(found)});
}

void client_stage::claim_all() {
    for (std::size_t n = 1; n < outboxes; ++n)
        claim(some_outbox(n));
}

}  // namespace parley::fuzz
