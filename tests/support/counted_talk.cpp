#include "tests/support/counted_talk.hpp"

#include "server/store/store.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>

namespace parley::testing {
namespace {

namespace json = boost::json;

constexpr std::int64_t pace_ms = 4;
constexpr std::size_t in_flight_most = 50;
constexpr std::chrono::milliseconds http_pace{3};

std::string numbered(const std::string& name, int number) {
    return name + ' ' + std::to_string(number);
}

/// Of "ann 17": who and which; -1 for what nobody here has said.
std::pair<std::string, int> read_numbered(const std::string& text) {
    const auto space = text.find(' ');
    if (space == text.npos) return {text, -1};
    int number = -1;
    std::from_chars(text.data() + space + 1, text.data() + text.size(), number);
    return {text.substr(0, space), number};
}

}  // namespace

http_writer::http_writer(const native_profile& profile, room_id room)
    : name_(profile.name), path_("/api/rooms/" + to_text(room) + "/messages"), browser_(profile.port) {
    browser_.set_cookie(profile.cookie);
    thread_ = std::jthread{[this](const std::stop_token& ending) { run(ending); }};
}

void http_writer::speak(bool wanted) {
    {
        const std::lock_guard lock{mutex_};
        speaking_ = wanted;
        if (wanted) busy_ = true;
    }
    changed_.notify_all();
}

std::string http_writer::complaint() const {
    const std::lock_guard lock{mutex_};
    return complaint_;
}

void http_writer::run(const std::stop_token& ending) {
    const auto pause = [&] {
        std::unique_lock lock{mutex_};
        changed_.wait_for(lock, ending, http_pace, [] { return false; });
    };
    while (!ending.stop_requested()) {
        {
            std::unique_lock lock{mutex_};
            busy_ = speaking_;
            if (!changed_.wait(lock, ending, [this] { return speaking_; })) return;
        }
        const int number = said_++;
        while (!offer(number) && !ending.stop_requested())
            pause();
        pause();
    }
}

/// False: to be offered again.
bool http_writer::offer(int number) {
    const auto text = numbered(name_, number);
    try {
        const auto reply = browser_.post(path_, R"({"text":")" + text + "\"}",
                                         {{"Idempotency-Key", name_ + '-' + std::to_string(number)}});
        if (reply.status == 200 || reply.status == 201) return true;
        if (reply.status == 503) return false;
        const std::lock_guard lock{mutex_};
        complaint_ = text + ": " + std::to_string(reply.status) + ' ' + reply.body;
        return true;
    } catch (const http_failure&) {
        return false;
    }
}

counted_talk::counted_talk(server_process& server, std::uint64_t seed)
    : server_(server), chance_(seed), program_(sign_up(server.port(), "program"), general_room) {
    for (const std::string name : {"ann", "bob", "cem"}) {
        people_.push_back(std::make_unique<native_client>(sign_up(server.port(), name)));
        people_.back()->show(general_room);
        next_ms_.push_back(0);
    }
    if (!quiet_until([&] { return people_.back()->caught_up(general_room); }))
        throw std::runtime_error{"nobody is in general"};
}

native_clients counted_talk::all() {
    native_clients everybody;
    for (auto& each : people_)
        everybody.emplace_back(*each);
    return everybody;
}

bool counted_talk::on_until(const std::function<bool()>& holds, std::chrono::milliseconds patience) {
    program_.speak(true);
    const auto talked = [&] {
        say_what_is_due();
        return holds();
    };
    const bool held = run_until(all(), talked, patience);
    program_.speak(false);
    return held;
}

bool counted_talk::quiet_until(const std::function<bool()>& holds, std::chrono::milliseconds patience) {
    return run_until(all(), holds, patience);
}

void counted_talk::say_what_is_due() {
    const auto now = native_client::now().mono_ms;
    for (std::size_t i = 0; i < people_.size(); ++i) {
        auto& person = *people_[i];
        if (now < next_ms_[i] || person.status().outbox >= in_flight_most) continue;
        next_ms_[i] = now + static_cast<std::int64_t>(chance_.below(2 * pace_ms));
        say_some(person);
    }
}

void counted_talk::say_some(native_client& person) {
    const auto& name = person.profile().name;
    for (auto count = 1 + chance_.below(3); count > 0; --count)
        person.say(general_room, numbered(name, said_[name]++));
}

void counted_talk::all_say_some() {
    for (auto& each : people_)
        say_some(*each);
}

bool counted_talk::settle(std::chrono::milliseconds patience) {
    std::uint64_t end = 0;
    const auto settled = [&] {
        if (!program_.idle()) return false;
        for (auto& each : people_) {
            if (each->status().outbox != 0 || !each->caught_up(general_room)) return false;
        }
        for (auto& each : people_)
            end = std::max(end, each->core().room(general_room)->head);
        return std::all_of(people_.begin(), people_.end(), [&](auto& each) {
            const auto* view = each->core().room(general_room);
            return view->w == end && view->head == end;
        });
    };
    return quiet_until(settled, patience);
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
    auto count = static_cast<std::size_t>(program_.said());
    for (const auto& [name, number] : said_)
        count += static_cast<std::size_t>(number);
    return count;
}

std::vector<std::string> counted_talk::log() {
    http_client reader{server_.port()};
    reader.set_cookie(people_.front()->profile().cookie);
    const auto path = "/api/rooms/" + to_text(general_room) + "/messages?limit=200&after=";
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
    auto said = said_;
    said[program_.name()] = program_.said();
    std::map<std::string, std::vector<bool>> seen;
    for (const auto& [name, count] : said)
        seen[name].resize(static_cast<std::size_t>(count));
    std::map<std::string, int> last;
    for (const auto& text : log()) {
        const auto [name, number] = read_numbered(text);
        if (number < 0 || number >= said[name]) throw std::runtime_error{"nobody has said \"" + text + '"'};
        ++out.stored;
        auto&& before = seen[name][static_cast<std::size_t>(number)];
        if (before) ++out.twice;
        before = true;
        if (!last.contains(name) || number > last[name]) {
            last[name] = number;
        } else {
            ++out.turned;
        }
    }
    for (const auto& [name, each] : seen)
        out.lost += static_cast<std::size_t>(std::count(each.begin(), each.end(), false));
    return out;
}

bool counted_talk::screens_agree() {
    const auto texts = log();
    return std::all_of(people_.begin(), people_.end(), [&](auto& each) {
        const auto shown = each->texts(general_room);
        return !shown.empty() && shown.size() <= texts.size() &&
               std::equal(shown.rbegin(), shown.rend(), texts.rbegin());
    });
}

}  // namespace parley::testing
