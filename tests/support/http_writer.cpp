#include "tests/support/http_writer.hpp"

namespace parley::testing {
namespace {

constexpr std::chrono::milliseconds http_pace{3};

}  // namespace

std::string numbered(const std::string& name, int number) {
    return name + ' ' + std::to_string(number);
}

http_writer::http_writer(const native_profile& profile, room_id room, std::string name,
                         std::chrono::milliseconds patience)
    : name_(std::move(name)), path_("/api/rooms/" + to_text(room) + "/messages"), browser_(profile.port) {
    browser_.set_cookie(profile.cookie);
    browser_.set_patience(patience);
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

}  // namespace parley::testing
