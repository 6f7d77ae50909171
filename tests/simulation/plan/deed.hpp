#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace parley::simulation {

/// What a step of a plan does: the people's and the programs' part first, then what goes wrong.
enum class deed : std::uint8_t {
    say,
    burst,
    join,
    join_and_say,
    leave,
    create_and_say,
    show_room,
    save_draft,
    discard,
    retry,
    copy_back,
    load_older,
    mark_read,
    browse,
    probe,
    post,
    post_twice,
    http_join,
    http_leave,
    http_create,
    open_tab,
    open_device,
    close_tab,
    reload_tab,

    cut,
    cut_at_byte,
    half_open,
    deafen,
    mute,
    stall,
    slow_reader,
    network_off,
    herd,

    kill_tab,
    kill_worker,
    kill_browser,
    power_loss,
    disk_full,
    disk_refuses,
    disk_closed,
    damage_record,
    sleep,
    late_timers,
    device_clock,

    kill_server,
    stop_server,
    lose_epoch,
    restore_store,
    store_fails,
    store_full,
    store_stalls,
    server_clock,

    revoke,
    other_user,
    sign_out,
    stranger,
};

inline constexpr std::array<std::string_view, 56> deed_names{
    "say",         "burst",        "join",         "join_and_say", "leave",         "create_and_say",
    "show_room",   "save_draft",   "discard",      "retry",        "copy_back",     "load_older",
    "mark_read",   "browse",       "probe",        "post",         "post_twice",    "http_join",
    "http_leave",  "http_create",  "open_tab",     "open_device",  "close_tab",     "reload_tab",
    "cut",         "cut_at_byte",  "half_open",    "deafen",       "mute",          "stall",
    "slow_reader", "network_off",  "herd",         "kill_tab",     "kill_worker",   "kill_browser",
    "power_loss",  "disk_full",    "disk_refuses", "disk_closed",  "damage_record", "sleep",
    "late_timers", "device_clock", "kill_server",  "stop_server",  "lose_epoch",    "restore_store",
    "store_fails", "store_full",   "store_stalls", "server_clock", "revoke",        "other_user",
    "sign_out",    "stranger"};

inline constexpr auto first_fault = deed::cut;
inline constexpr std::size_t deeds = deed_names.size();
static_assert(deeds == static_cast<std::size_t>(deed::stranger) + 1);

[[nodiscard]] constexpr std::string_view name_of(deed what) {
    return deed_names[static_cast<std::size_t>(what)];
}

}  // namespace parley::simulation
