#pragma once

#include "shared/base/errors.hpp"
#include "shared/base/ids.hpp"
#include "shared/base/text.hpp"
#include "shared/client/local_generated.h"

#include <string>
#include <string_view>

/// How ids and codes are written on the border: "" for none.
namespace parley {

template <class Id>
[[nodiscard]] std::string id_text(const Id& id) {
    return id.is_zero() ? std::string() : to_text(id);
}

[[nodiscard]] inline std::string id_text(const ulid& id) {
    return id.is_zero() ? std::string() : to_text(id);
}

[[nodiscard]] inline std::string change_text(const change_id& change) {
    return change.op.is_zero() ? std::string() : joined({to_text(change.author), "/", to_text(change.op)});
}

/// Names and sentences are the page's.
[[nodiscard]] inline std::uint16_t number_of(errc code) {
    return static_cast<std::uint16_t>(code);
}

}  // namespace parley
