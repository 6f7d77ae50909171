#pragma once

#include <utility>
#include <variant>

namespace parley {

/// Calls `visitor` with what the variant holds: std::visit as a row of comparisons, which an optimiser for
/// size can see through, not a table of functions.
template <class Visitor, class... Types>
void visit(Visitor&& visitor, const std::variant<Types...>& what) {
    const auto offer = [&](const auto* held) {
        if (held) visitor(*held);
        return held != nullptr;
    };
    (void)(... || offer(std::get_if<Types>(&what)));
}

template <class Visitor, class... Types>
void visit(Visitor&& visitor, std::variant<Types...>& what) {
    const auto offer = [&](auto* held) {
        if (held) visitor(*held);
        return held != nullptr;
    };
    (void)(... || offer(std::get_if<Types>(&what)));
}

}  // namespace parley
