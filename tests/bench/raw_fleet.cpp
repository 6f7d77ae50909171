#include "tests/bench/engine.hpp"
#include "tests/bench/raw_frames.hpp"

namespace parley::bench {
namespace {

struct raw_dialect {
    bytes message = bytes(op_message_bytes());

    void upgraded(link& by, engine<raw_dialect>&) { by.ready = true; }

    void read(link& by, byte_view event, engine<raw_dialect>& to) {
        to.saw_event(by, raw_word(event.data(), 0), raw_word(event.data(), 1));
    }

    byte_view op(link&, std::uint64_t number) {
        set_raw_word(message.data(), 0, number);
        return message;
    }
};

}  // namespace

std::unique_ptr<fleet> make_raw_fleet(const target& to, const shape& of) {
    auto made = std::make_unique<engine<raw_dialect>>(to, raw_dialect{});
    made->rooms.resize(of.rooms);
    static int fleets = 0;
    const auto path = "/" + std::to_string(getpid()) + "-" + std::to_string(++fleets) + "-";
    for (std::size_t i = 0; i < of.rooms; ++i) {
        for (std::size_t j = 0; j < of.members; ++j) {
            auto& link = made->sockets.connect(path + std::to_string(i), {});
            link.room = &made->rooms[i];
            link.room->members.push_back(&link);
        }
        made->turn(std::chrono::milliseconds{0});
    }
    made->turn_until("connecting", [&] {
        const auto& links = made->sockets.links();
        return std::all_of(links.begin(), links.end(), [](const auto& link) { return link->ready; });
    });
    return made;
}

}  // namespace parley::bench
