#include "tests/support/native_client.hpp"

#include "shared/base/assert.hpp"
#include "shared/base/hash.hpp"
#include "tests/support/http_client.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>

namespace parley::testing {
namespace {

constexpr std::string_view any_key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::uint16_t no_close_frame = 1006;

std::string upgrade_request(const native_profile& profile) {
    const auto host = "127.0.0.1:" + std::to_string(profile.port);
    return "GET /ws HTTP/1.1\r\nHost: " + host + "\r\nOrigin: http://" + host +
           "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
           "13\r\nSec-WebSocket-Key: " +
           std::string{any_key} + "\r\nSec-WebSocket-Protocol: parley.v1\r\nCookie: " + profile.cookie +
           "\r\n\r\n";
}

unique_fd connect_to(std::uint16_t port) {
    unique_fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
}

/// The value of `"key":"…"`, which is all that these tests need of JSON.
std::string text_in(const std::string& json, const std::string& key) {
    const auto begin = json.find("\"" + key + "\":\"");
    if (begin == json.npos) return {};
    const auto from = begin + key.size() + 4;
    return json.substr(from, json.find('"', from) - from);
}

std::uint64_t seed_of(const native_profile& profile, std::uint64_t begun) {
    return mix64(profile.user.value.lo ^ mix64(profile.outbox.lo + begun));
}

}  // namespace

native_profile sign_up(std::uint16_t port, const std::string& name) {
    http_client browser{port};
    const auto reply =
        browser.post("/api/accounts", R"({"username":")" + name + R"(","password":"correct horse battery"})");
    const auto id = parse_ulid(text_in(reply.body, "id"));
    if (reply.status != 201 || !id) throw std::runtime_error{"no account for " + name + ": " + reply.body};
    random_source chance{mix64(id->lo)};
    return {port, name, browser.cookie(), user_id{*id}, chance.make_id(id->time_ms()), {}};
}

native_client::native_client(native_profile profile, client_config config)
    : profile_(std::move(profile)), config_(std::move(config)) {
    begin();
}

client_config native_client::impatient() {
    client_config config;
    config.program = "native";
    config.backoff_min_ms = 10;
    config.backoff_max_ms = 100;
    config.failed_retry_ms = 100;
    return config;
}

instant native_client::now() {
    using namespace std::chrono;
    return {duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count(),
            duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

void native_client::begin() {
    core_ = std::make_unique<client>(config_, random_source{seed_of(profile_, begun_++)});
    started fact{profile_.user, profile_.name, profile_.outbox, {}, false};
    for (const auto& [key, value] : profile_.disk)
        fact.records.push_back({key, value});
    step(fact);
}

void native_client::reload() {
    socket_ = {};
    attempt_ = 0;
    later_.clear();
    unsent_.clear();
    begin();
}

void native_client::cut() {
    disconnect(no_close_frame);
}

void native_client::move(std::uint16_t port) {
    profile_.port = port;
}

change_id native_client::say(room_id room, const std::string& text) {
    intended what;
    what.kind = intended::what::send_message;
    what.room = room;
    what.text = text;
    return intend(std::move(what)).change;
}

room_id native_client::create(const std::string& name) {
    intended what;
    what.kind = intended::what::create_room;
    what.name = name;
    return intend(std::move(what)).room;
}

change_id native_client::join(room_id room) {
    intended what;
    what.kind = intended::what::join_room;
    what.room = room;
    return intend(std::move(what)).change;
}

change_id native_client::leave(room_id room) {
    intended what;
    what.kind = intended::what::leave_room;
    what.room = room;
    return intend(std::move(what)).change;
}

void native_client::show(room_id room) {
    intended what;
    what.kind = intended::what::show_room;
    what.room = room;
    intend(std::move(what));
}

void native_client::load_older(room_id room) {
    intended what;
    what.kind = intended::what::load_older;
    what.room = room;
    intend(std::move(what));
}

acknowledge native_client::intend(intended what) {
    what.intent = ++intents_;
    step(what);
    const auto found = acknowledged_.find(intents_);
    PARLEY_ASSERT(found != acknowledged_.end());
    last_refusal_ = found->second.code;
    return found->second;
}

std::vector<std::string> native_client::texts(room_id room) {
    std::vector<std::string> found;
    const auto* view = core_->room(room);
    if (!view) return found;
    for (const auto& row : view->rows) {
        if (row.kind == change_kind::message && row.committed) found.push_back(row.text);
    }
    return found;
}

bool native_client::holds_all(room_id room) {
    const auto* view = core_->room(room);
    if (!view || !view->caught_up) return false;
    if (view->held_from != 0 && !view->loading_older) load_older(room);
    return view->held_from == 0;
}

bool native_client::joined(room_id room) {
    const auto* view = core_->room(room);
    return view && view->joined;
}

bool native_client::caught_up(room_id room) {
    const auto* view = core_->room(room);
    return view && view->caught_up;
}

void native_client::turn() {
    if (socket_) receive();
    if (const auto due = core_->deadline(); due && *due <= now().mono_ms) step(deadline_passed_fact{});
    write();
}

/// Nothing is called back from inside: facts that effects lead to wait for their turn.
void native_client::step(const client_fact& fact) {
    later_.push_back(fact);
    if (std::exchange(stepping_, true)) return;
    while (!later_.empty()) {
        const auto next = std::move(later_.front());
        later_.pop_front();
        client_effects effects;
        core_->step(now(), next, effects);
        for (auto& effect : effects)
            perform(effect);
    }
    stepping_ = false;
}

void native_client::perform(client_effect& effect) {
    if (const auto* open = std::get_if<open_socket>(&effect)) {
        connect(open->attempt);
    } else if (const auto* send = std::get_if<send_bytes>(&effect)) {
        if (send->attempt != attempt_ || !upgraded_) return;
        append_masked_ws_frame(unsent_, ws_opcode::binary, send->message, 0x5a17c3e9);
    } else if (const auto* close = std::get_if<close_socket>(&effect)) {
        if (close->attempt != attempt_ || !socket_) return;
        append_masked_ws_frame(unsent_, ws_opcode::close, ws_close_payload(close->code), 0x5a17c3e9);
        write();
        disconnect(close->code);
    } else if (const auto* record = std::get_if<persist>(&effect)) {
        for (const auto& put : record->put)
            profile_.disk[put.key] = put.value;
        for (const auto& key : record->drop)
            profile_.disk.erase(key);
        step(persisted{record->batch});
    } else if (std::holds_alternative<forget_user>(effect)) {
        profile_.disk.clear();
    } else if (const auto* answer = std::get_if<acknowledge>(&effect)) {
        acknowledged_[answer->intent] = *answer;
    } else if (const auto* ask = std::get_if<ask_sign_in>(&effect)) {
        asked_to_sign_in_ = ask->code;
    }
}

void native_client::connect(std::uint32_t attempt) {
    attempt_ = attempt;
    upgraded_ = false;
    answer_.clear();
    unsent_.clear();
    reader_ = ws_reader{ws_role::client};
    socket_ = connect_to(profile_.port);
    if (!socket_) {
        return step(socket_closed{attempt, no_close_frame});
    }
    const auto request = upgrade_request(profile_);
    unsent_.assign(request.begin(), request.end());
}

void native_client::disconnect(std::uint16_t code) {
    if (!socket_) return;
    socket_ = {};
    unsent_.clear();
    last_close_ = code;
    step(socket_closed{attempt_, code});
}

void native_client::receive() {
    std::array<std::uint8_t, 16 * 1024> buffer;
    while (socket_) {
        const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got <= 0) return disconnect(no_close_frame);
        take({buffer.data(), static_cast<std::size_t>(got)});
    }
}

void native_client::take(byte_view input) {
    bytes beyond;
    if (!upgraded_) {
        answer_.append(input.begin(), input.end());
        const auto end = answer_.find("\r\n\r\n");
        if (end == answer_.npos) return;
        if (!answer_.starts_with("HTTP/1.1 101 ")) return disconnect(no_close_frame);
        beyond.assign(answer_.begin() + static_cast<std::ptrdiff_t>(end + 4), answer_.end());
        input = beyond;
        upgraded_ = true;
        step(socket_opened{attempt_});
    }
    while (socket_) {
        const auto event = reader_.next(input, scratch_);
        if (!event) return;
        if (event.what == ws_event::kind::message) {
            step(bytes_arrived{attempt_, event.payload});
        } else if (event.what == ws_event::kind::ping) {
            append_masked_ws_frame(unsent_, ws_opcode::pong, event.payload, 0x5a17c3e9);
        } else if (event.what == ws_event::kind::close || event.what == ws_event::kind::failure) {
            append_masked_ws_frame(unsent_, ws_opcode::close, ws_close_payload(event.code), 0x5a17c3e9);
            write();
            return disconnect(event.code);
        }
    }
}

void native_client::write() {
    while (socket_ && !unsent_.empty()) {
        const auto sent = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (sent < 0) {
            unsent_.clear();  // what can still be read tells why
            return;
        }
        unsent_.erase(unsent_.begin(), unsent_.begin() + sent);
    }
}

bool run_until(const native_clients& clients, const std::function<bool()>& holds,
               std::chrono::milliseconds patience) {
    const auto give_up = native_client::now().mono_ms + patience.count();
    for (;;) {
        for (native_client& each : clients)
            each.turn();
        if (holds()) return true;
        const auto now = native_client::now().mono_ms;
        if (now >= give_up) return false;
        auto wait = std::min<std::int64_t>(give_up - now, 50);  // `holds` may look at what no socket tells
        std::vector<pollfd> sockets;
        for (native_client& each : clients) {
            if (const auto due = each.deadline()) wait = std::clamp<std::int64_t>(*due - now, 0, wait);
            if (each.socket() < 0) continue;
            const int events = each.wants_to_write() ? POLLIN | POLLOUT : POLLIN;
            sockets.push_back({each.socket(), static_cast<short>(events), 0});
        }
        ::poll(sockets.data(), sockets.size(), static_cast<int>(wait));
    }
}

}  // namespace parley::testing
