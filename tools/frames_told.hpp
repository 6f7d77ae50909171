#pragma once

#include "shared/base/bytes.hpp"
#include "shared/base/ids.hpp"

#include <ostream>
#include <string_view>

namespace parley {

/// On one line, whatever is in it, and no more of it than fits there.
struct plain {
    std::string_view text;
};

/// As `plain`, in quotes.
struct quoted {
    std::string_view text;
};

std::ostream& operator<<(std::ostream& out, const plain& what);
std::ostream& operator<<(std::ostream& out, const quoted& what);
std::ostream& operator<<(std::ostream& out, const ulid& id);

template <class Tag>
std::ostream& operator<<(std::ostream& out, const strong_id<Tag>& id) {
    return out << id.value;
}

/// The frames of a message, each on a line that begins with `lead`. `up`: from the client to the server.
void tell_frames(std::ostream& out, byte_view message, bool up, std::string_view lead);

}  // namespace parley
