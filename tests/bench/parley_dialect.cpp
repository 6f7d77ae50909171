#include "tests/bench/parley_dialect.hpp"

#include "tests/bench/http_client.hpp"
#include "tests/bench/upgrade.hpp"

#include <map>

namespace parley::bench {
namespace {

constexpr std::uint32_t subscribe_request = 1;

/// Has each link take one step of the set-up, a few at a time: `send(link)`, until `answered(link, frame)`.
template <class Send, class Answered>
void each_takes(parley_engine& in, const std::string& step, const std::vector<link*>& links, Send&& send,
                Answered&& answered) {
    std::size_t next = 0;
    std::size_t done = 0;
    in.dialect.told = [&](link& by, const wire::frame_down& frame) {
        if (by.waiting && answered(by, frame)) {
            by.waiting = false;
            ++done;
        }
    };
    in.turn_until(step, [&] {
        for (; next < links.size() && next - done < steps_at_once; ++next) {
            links[next]->waiting = true;
            send(*links[next]);
        }
        return done == links.size();
    });
    in.dialect.told = [](auto&, auto&) {};
}

bool is_committed(const link&, const wire::frame_down& frame) {
    const auto* op = std::get_if<wire::op_reply>(&frame);
    return op != nullptr && op->outcome == outcome::committed;
}

void change(parley_engine& in, link& by, change_kind kind, const room_id& room) {
    wire::op op;
    op.id = {in.dialect.random.make_id(op_id_of(0).value.time_ms())};
    op.room = room;
    op.offer = ++by.offers;
    op.kind = kind;
    op.name = kind == change_kind::create ? "bench" : "";
    in.dialect.say(by, in, op);
}

}  // namespace

void parley_dialect::read(link& by, byte_view message, parley_engine& in) {
    for_each_frame(message, [&](byte_view bytes) {
        const quick_frame frame{bytes.data()};
        if (frame.what() == quick_frame::type::event) {
            in.saw_event(by, frame.event_seq(), frame.event_number());
        } else if (frame.what() == quick_frame::type::watermark) {
            if (frame.watermark_has_voids()) {
                throw run_failed("the store refused something");
            }
            in.saw_watermark(by, frame.watermark_w());
        } else {
            read_other(by, bytes, in);
        }
    });
}

void parley_dialect::read_other(link& by, byte_view bytes, parley_engine& in) {
    std::copy(bytes.begin(), bytes.end(), aligned.reset(bytes.size()));
    const auto frame = wire::decode_down(aligned.bytes());
    if (!frame) {
        throw run_failed("a frame that can't be read: " + std::string{name_of(frame.error().code)});
    }
    if (const auto* said = std::get_if<wire::error_frame>(&*frame)) {
        throw run_failed("the server says " + std::string{name_of(said->code)} + " " + said->detail);
    }
    if (const auto* op = std::get_if<wire::op_reply>(&*frame); op != nullptr) {
        if (op->outcome == outcome::later && op->code == errc::busy && by.op) {
            in.saw_busy(by, op->op.value.lo, op->retry_ms);
        } else if (op->outcome == outcome::rejected || op->outcome == outcome::later) {
            throw run_failed("op " + std::to_string(op->offer) + " of connection " +
                             std::to_string(by.number) + " was refused: " + std::string{name_of(op->code)});
        }
    }
    if ((std::holds_alternative<wire::behind>(*frame) && !by.apart) ||
        std::holds_alternative<wire::lost>(*frame) || std::holds_alternative<wire::truncated>(*frame)) {
        throw run_failed("a subscription was cut off");
    }
    if (const auto* reply = std::get_if<wire::reply>(&*frame); reply != nullptr && reply->request == 0) {
        by.ready = true;  // welcome, and every joined room is named
    } else if (const auto* page = std::get_if<wire::page>(&*frame)) {
        by.last_seq = page->from;
    } else if (const auto* welcome = std::get_if<wire::welcome>(&*frame)) {
        epoch = welcome->epoch;
    }
    told(by, *frame);
}

const std::vector<account>& accounts::at_least(std::size_t count) {
    while (known_.size() < count) {
        auto number = std::to_string(known_.size() + 1);
        account made;
        made.name = "bench-" + std::string(4 - std::min<std::size_t>(4, number.size()), '0') + number;
        const auto person = R"({"username":")" + made.name + R"(","password":"a long bench password"})";
        auto answer = http_post(port_, "/api/accounts", person);
        if (answer.status == 409) {  // made by an earlier run
            answer = http_post(port_, "/api/session", person);
        }
        const auto cookie = header_value(answer.head, "set-cookie");
        const auto id_at = answer.body.find("\"id\":\"");
        if (answer.status / 100 != 2 || cookie.empty() || id_at == std::string::npos) {
            throw run_failed("can't sign up: " + std::to_string(answer.status) + " " + answer.body);
        }
        made.cookie = cookie.substr(0, cookie.find(';'));
        made.user = {parse_ulid(answer.body.substr(id_at + 6, 26)).value_or(ulid{})};
        known_.push_back(std::move(made));
    }
    return known_;
}

std::string headers_of(const target& to, const account& user) {
    return "Origin: http://127.0.0.1:" + std::to_string(to.port) + "\r\nCookie: " + user.cookie +
           "\r\nSec-WebSocket-Protocol: " + std::string{subprotocol} + "\r\n";
}

std::vector<link*> connect_all(parley_engine& in, const target& to, std::size_t count) {
    std::vector<link*> links;
    std::size_t ready = 0;
    in.turn_until("connecting", [&] {
        while (ready < links.size() && links[ready]->ready) {
            ++ready;
        }
        while (links.size() < count && links.size() - ready < steps_at_once) {
            const auto& user = in.dialect.users[links.size() % in.dialect.users.size()];
            links.push_back(&in.sockets.connect(socket_path, headers_of(to, user)));
        }
        return ready == count;
    });
    return links;
}

void create_rooms(parley_engine& in, const std::vector<link*>& creators, const std::vector<room_id>& rooms) {
    std::size_t next = 0;
    each_takes(
        in, "creating rooms", creators, [&](link& by) { change(in, by, change_kind::create, rooms[next++]); },
        is_committed);
}

/// One at a time for each link: a link's answers are told apart by their order only.
void join(parley_engine& in, const std::vector<std::pair<link*, room_id>>& who) {
    std::vector<link*> links;
    std::map<link*, room_id> where;
    for (const auto& [by, room] : who) {
        links.push_back(by);
        where[by] = room;
    }
    each_takes(
        in, "joining", links, [&](link& by) { change(in, by, change_kind::join, where.at(&by)); },
        is_committed);
}

void subscribe(parley_engine& in, const std::vector<link*>& links,
               const std::function<room_id(link&)>& room_of) {
    each_takes(
        in, "subscribing", links,
        [&](link& by) {
            wire::subscribe subscribe;
            subscribe.request = subscribe_request;
            subscribe.room = room_of(by);
            in.dialect.say(by, in, subscribe);
        },
        [](link&, const wire::frame_down& frame) {
            const auto* reply = std::get_if<wire::reply>(&frame);
            if (reply != nullptr && reply->code != errc::none) {
                throw run_failed("a subscription was refused: " + std::string{name_of(reply->code)});
            }
            return reply != nullptr && reply->request == subscribe_request;
        });
}

std::vector<room_id> make_room_ids(parley_engine& in, std::size_t count) {
    std::vector<room_id> rooms(count);
    for (auto& room : rooms) {
        room = {in.dialect.random.make_id(op_id_of(0).value.time_ms())};
    }
    return rooms;
}

std::unique_ptr<parley_engine> make_engine(const target& to, accounts& users, std::size_t sessions) {
    check_quick_reader();
    const auto count = std::max<std::size_t>(2, (sessions + sessions_per_account - 1) / sessions_per_account);
    parley_dialect dialect;
    const auto& known = users.at_least(count);
    dialect.users.assign(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(count));
    return std::make_unique<parley_engine>(to, std::move(dialect));
}

}  // namespace parley::bench
