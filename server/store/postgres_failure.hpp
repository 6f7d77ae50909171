#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace parley::postgres {

/// What a failure means for us; SQLSTATEs stay inside.
enum class trouble : std::uint8_t {
    row,          ///< this row can't be stored, others can
    damage,       ///< what is kept contradicts itself
    lost,         ///< the connection broke: whether the last commit happened is not known
    unreachable,  ///< there was no connection
    denied,       ///< rights are missing
    other,        ///< anything else, which may pass
};

class failure : public std::runtime_error {
public:
    failure(trouble what, const std::string& message) : std::runtime_error(message), what_(what) {}

    [[nodiscard]] trouble kind() const { return what_; }

private:
    trouble what_;
};

/// Of what the server says with this SQLSTATE (postgresql.org/docs/15/errcodes-appendix.html).
[[nodiscard]] trouble trouble_of(std::string_view state, std::string_view message);

/// The first line of what the server says, without its severity: what follows may quote people's messages.
[[nodiscard]] std::string first_line(std::string_view message);

}  // namespace parley::postgres
