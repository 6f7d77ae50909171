#pragma once

#include "server/ops/config.hpp"

#include <cstdint>

namespace parley {

/// What somebody must show who wants an account.
enum class admission : std::uint8_t {
    free,        ///< nothing
    set_up,      ///< the code that the server printed: this account will own it
    invitation,  ///< a link made by owner or admin
    none,        ///< nobody gets one
};

/// On a loopback address without PARLEY_URL only who sits at this machine can ask, so anyone may; elsewhere
/// the owner needs the set-up code, whatever the mode, and the others what the mode says.
[[nodiscard]] constexpr admission admission_of(registration_mode mode, bool only_this_machine,
                                               bool has_users) {
    const bool trusting =
        only_this_machine && (mode == registration_mode::automatic || mode == registration_mode::open);
    if (trusting) return admission::free;
    if (!has_users) return admission::set_up;
    switch (mode) {
    case registration_mode::open: return admission::free;
    case registration_mode::closed: return admission::none;
    case registration_mode::automatic:
    case registration_mode::invite: break;
    }
    return admission::invitation;
}

}  // namespace parley
