#include "tests/support/counted_talk.hpp"

#include "server/store/store.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>

namespace parley::testing {
namespace {

namespace json = boost::json;

constexpr std::size_t in_flight_most = 50;

/// How somebody is called in a room: what is said in one stands in no other.
std::string called(const std::string& name, std::size_t room) {
    return room == 0 ? name : name + '@' + std::to_string(room);
}

/// Of "ann 17 ...": who and which; -1 for what nobody here has said.
std::pair<std::string, int> read_numbered(const std::string& text) {
    const auto space = text.find(' ');
    if (space == text.npos) return {text, -1};
    int number = -1;
    std::from_chars(text.data() + space + 1, text.data() + text.size(), number);
    return {text.substr(0, space), number};
}

}  // namespace

counted_talk::counted_talk(server_process& server, std::uint64_t seed, talk_plan plan)
    : server_(server), plan_(std::move(plan)), chance_(seed) {
    if (plan_.port == 0) plan_.port = server.port();
    invite_people();
    open_rooms();
    start_programs();
}

void counted_talk::invite_people() {
    for (const std::string name : {"ann", "bob", "cem"}) {
        auto profile = sign_up(server_.port(), name);
        profile.port = plan_.port;
        people_.push_back(std::make_unique<native_client>(std::move(profile), plan_.client));
        people_.back()->show(general_room);
        next_ms_.push_back(0);
    }
}

void counted_talk::open_rooms() {
    rooms_.push_back(general_room);
    while (rooms_.size() < plan_.rooms)
        rooms_.push_back(people_.front()->create("room " + std::to_string(rooms_.size())));
    const auto everybody_in = [&](room_id room) {
        return std::all_of(people_.begin(), people_.end(), [&](auto& each) { return each->caught_up(room); });
    };
    for (const auto room : rooms_) {
        if (!quiet_until([&] { return people_.front()->caught_up(room); }))
            throw std::runtime_error{"a room did not open"};
        for (auto& each : people_) {
            if (!each->joined(room)) each->join(room);
        }
        if (!quiet_until([&] { return everybody_in(room); })) throw std::runtime_error{"nobody is in a room"};
    }
}

void counted_talk::start_programs() {
    auto profile = sign_up(server_.port(), "program");
    http_client browser{server_.port()};
    browser.set_cookie(profile.cookie);
    profile.port = plan_.port;
    for (std::size_t i = 0; i < rooms_.size(); ++i) {
        if (i > 0 && browser.post("/api/rooms/" + to_text(rooms_[i]) + "/join").status != 200)
            throw std::runtime_error{"no program may join"};
        programs_.push_back(
            std::make_unique<http_writer>(profile, rooms_[i], called(profile.name, i), plan_.http_patience));
    }
}

native_clients counted_talk::all() {
    native_clients everybody;
    for (auto& each : people_)
        everybody.emplace_back(*each);
    return everybody;
}

bool counted_talk::on_until(const std::function<bool()>& holds, std::chrono::milliseconds patience) {
    let_programs_speak(true);
    const auto talked = [&] {
        say_what_is_due();
        return holds();
    };
    const bool held = run_until(all(), talked, patience);
    let_programs_speak(false);
    return held;
}

void counted_talk::let_programs_speak(bool wanted) {
    for (auto& each : programs_)
        each->speak(wanted);
}

bool counted_talk::quiet_until(const std::function<bool()>& holds, std::chrono::milliseconds patience) {
    return run_until(all(), holds, patience);
}

void counted_talk::say_what_is_due() {
    const auto now = native_client::now().mono_ms;
    for (std::size_t i = 0; i < people_.size(); ++i) {
        auto& person = *people_[i];
        if (now < next_ms_[i] || person.status().outbox >= in_flight_most) continue;
        next_ms_[i] =
            now + static_cast<std::int64_t>(chance_.below(2 * static_cast<std::uint64_t>(plan_.pace_ms)));
        say_some(person);
    }
}

void counted_talk::say_some(native_client& person) {
    const auto& name = person.profile().name;
    for (auto count = 1 + chance_.below(3); count > 0; --count) {
        const auto room = chance_.below(rooms_.size());
        person.say(rooms_[room], numbered(called(name, room), said_[{name, room}]++) + filler());
    }
}

/// Mostly none.
std::string counted_talk::filler() {
    if (plan_.longest == 0 || !chance_.one_in(4)) return {};
    return ' ' + std::string(1 + chance_.below(plan_.longest), '.');
}

void counted_talk::all_say_some() {
    for (auto& each : people_)
        say_some(*each);
}

bool counted_talk::settle(std::chrono::milliseconds patience) {
    return quiet_until([&] { return unsettled().empty(); }, patience);
}

std::string counted_talk::unsettled() {
    for (auto& each : programs_) {
        if (!each->idle()) return each->name() + " waits for an answer";
    }
    for (auto& each : people_) {
        const auto status = each->status();
        const auto named =
            each->profile().name + " (" + std::to_string(static_cast<int>(status.connection)) + ')';
        if (status.outbox != 0)
            return named + " has " + std::to_string(status.outbox) + " ops without verdict";
    }
    for (std::size_t i = 0; i < rooms_.size(); ++i) {
        std::uint64_t end = 0;
        const auto seen_by = [&](auto& each) { return each->core().room(rooms_[i]); };
        for (auto& each : people_) {
            if (const auto* view = seen_by(each)) end = std::max(end, view->head);
        }
        for (auto& each : people_) {
            const auto* view = seen_by(each);
            if (!view || !view->caught_up || view->w != end || view->head != end)
                return each->profile().name + " is not up to date in room " + std::to_string(i);
        }
    }
    return {};
}

bool counted_talk::read_all() {
    return quiet_until([&] {
        return std::all_of(people_.begin(), people_.end(), [&](auto& each) {
            return std::all_of(rooms_.begin(), rooms_.end(),
                               [&](room_id room) { return each->holds_all(room); });
        });
    });
}

void counted_talk::reload_all() {
    for (auto& each : people_) {
        each->reload();
        each->show(general_room);
    }
}

std::string counted_talk::complaint() const {
    for (const auto& each : programs_) {
        if (auto text = each->complaint(); !text.empty()) return text;
    }
    return {};
}

void counted_talk::disturb_somebody() {
    auto& somebody = *people_[chance_.below(people_.size())];
    if (chance_.one_in(4)) {
        somebody.cut();
    } else if (chance_.one_in(4)) {
        somebody.reload();
        somebody.show(general_room);
    }
}

std::size_t counted_talk::said() const {
    std::size_t sum = 0;
    for (const auto& each : programs_)
        sum += static_cast<std::size_t>(each->said());
    for (const auto& [where, number] : said_)
        sum += static_cast<std::size_t>(number);
    return sum;
}

std::map<std::string, int> counted_talk::said_in(std::size_t room) const {
    std::map<std::string, int> said{{programs_[room]->name(), programs_[room]->said()}};
    for (const auto& [where, number] : said_) {
        if (where.second == room) said[called(where.first, room)] = number;
    }
    return said;
}

std::vector<std::string> counted_talk::log(room_id room) {
    http_client reader{server_.port()};
    reader.set_cookie(people_.front()->profile().cookie);
    const auto path = "/api/rooms/" + to_text(room) + "/messages?limit=200&after=";
    std::vector<std::string> texts;
    std::int64_t after = 0;
    for (bool more = true; more;) {
        const auto page = json::parse(reader.get(path + std::to_string(after)).body);
        for (const auto& message : page.at("messages").as_array()) {
            texts.emplace_back(message.at("text").as_string());
            after = message.at("seq").to_number<std::int64_t>();
        }
        more = page.at("more").as_bool();
    }
    return texts;
}

talk_sum counted_talk::sum() {
    talk_sum out;
    out.said = said();
    for (std::size_t i = 0; i < rooms_.size(); ++i)
        count(i, out);
    return out;
}

void counted_talk::count(std::size_t room, talk_sum& into) {
    const auto said = said_in(room);
    std::map<std::string, std::vector<bool>> seen;
    for (const auto& [name, number] : said)
        seen[name].resize(static_cast<std::size_t>(number));
    std::map<std::string, int> last;
    for (const auto& text : log(rooms_[room])) {
        const auto [name, number] = read_numbered(text);
        if (number < 0 || !said.contains(name) || number >= said.at(name))
            throw std::runtime_error{"nobody has said \"" + text + "\" there"};
        ++into.stored;
        auto&& before = seen[name][static_cast<std::size_t>(number)];
        if (before) ++into.twice;
        before = true;
        if (!last.contains(name) || number > last[name]) {
            last[name] = number;
        } else {
            ++into.turned;
        }
    }
    for (const auto& [name, each] : seen)
        into.lost += static_cast<std::size_t>(std::count(each.begin(), each.end(), false));
}

bool counted_talk::screens_agree() {
    return std::all_of(rooms_.begin(), rooms_.end(), [&](room_id room) {
        const auto texts = log(room);
        return std::all_of(people_.begin(), people_.end(), [&](auto& each) {
            const auto& view = *each->core().room(room);
            const auto settled = [](const row_view& row) {
                return row.seq != 0 && row.committed && !row.withdrawn && !row.dimmed;
            };
            if (!std::all_of(view.rows.begin(), view.rows.end(), settled)) return false;
            const auto shown = each->texts(room);
            if (shown.empty() || shown.size() > texts.size()) return false;
            if (view.held_from == 0 && shown.size() != texts.size()) return false;
            return std::equal(shown.rbegin(), shown.rend(), texts.rbegin());
        });
    });
}

}  // namespace parley::testing
