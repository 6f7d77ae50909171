#pragma once

#include "server/hub/hub.hpp"
#include "server/store/memory_store.hpp"
#include "tests/fuzz/grammar.hpp"

#include <map>
#include <optional>

namespace parley::fuzz {

/// One session as its client hears it. Asserts what a client relies on (L3, L4, L10, L11): the places of a
/// room that is followed come without a gap, and what is called stored is in the store.
class hub_listener {
public:
    hub_listener(session_handle handle, user_id user) : handle_(handle), user_(user) {}

    [[nodiscard]] session_handle handle() const { return handle_; }

    [[nodiscard]] user_id user() const { return user_; }

    [[nodiscard]] bool open() const { return open_; }

    void close() { open_ = false; }

    /// What it may say next is chosen from what it has heard.
    vocabulary words;

    void says(const wire::frame_up& frame);
    void hears(byte_view message, memory_store& store);

private:
    struct following {
        std::optional<std::uint32_t> asked;  ///< the request that no page has answered yet
        bool told = false;                   ///< since a page, until the end of the subscription
        std::uint64_t next = 0;
        std::uint64_t w = 0;
        std::uint64_t epoch = 0;
    };

    void hear(const wire::page& frame);
    void hear(const wire::event& frame, memory_store& store);
    void hear(const wire::watermark& frame, memory_store& store);
    void hear(const wire::truncated& frame);
    void hear(const wire::op_reply& frame, memory_store& store);

    session_handle handle_;
    user_id user_;
    bool open_ = true;
    bool greeted_ = false;
    std::map<room_id, following> rooms_;
};

}  // namespace parley::fuzz
