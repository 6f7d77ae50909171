#pragma once

#include "shared/base/bytes.hpp"
#include "shared/base/time.hpp"
#include "shared/client/client.hpp"

#include <ostream>

/// A recording in words: what the core was told and what it gave, one line each.
namespace parley {

void tell_fact(std::ostream& out, byte_view fact);
void tell_effects(std::ostream& out, byte_view effects);

/// The connection, the rooms with their rows, and the outbox.
void tell_state(std::ostream& out, client& core, instant now);

}  // namespace parley
