#pragma once

#include "server/net/api_port.hpp"
#include "shared/base/bytes.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace parley {

/// Cuts a connection's bytes into requests. No socket, no time: how the stream was cut never changes what is
/// read.
///
///     reading_head ──head complete──▶ reading_body ──body complete──▶ complete ──next()──▶ reading_head
///          └───────────any of them that is refused───────────────────▶ refused
///
/// Refused are, with the status: 400 what is no request of HTTP/1.x, two of a header that must be alone, a
/// target that is no path; 413 a body above its limit; 431 a head above its limit; 501 any Transfer-Encoding.
class request_reader {
public:
    request_reader();
    ~request_reader();
    request_reader(request_reader&&) noexcept;
    request_reader& operator=(request_reader&&) noexcept;

    enum class state : std::uint8_t { reading_head, reading_body, complete, refused };

    /// Gives it what has arrived; bytes behind the request are kept for `next`, or for `rest`.
    state feed(byte_view arrived);

    /// Forgets the last request and reads on in what is kept.
    state next();

    /// Whether a part of a request is held.
    [[nodiscard]] bool begun() const;

    /// Of a complete request.
    [[nodiscard]] http_request take();
    [[nodiscard]] bool keep_alive() const;

    /// Bytes behind the request, of another protocol now.
    [[nodiscard]] bytes rest() const;

    struct refusal {
        int status = 400;
        error why;
    };

    [[nodiscard]] const refusal& why_refused() const;

private:
    struct parsing;
    std::unique_ptr<parsing> parsing_;
};

}  // namespace parley
