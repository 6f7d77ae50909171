#include "server/net/request_reader.hpp"

#include "shared/base/assert.hpp"
#include "shared/base/limits.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace parley {
namespace http = boost::beast::http;

struct request_reader::parsing {
    bytes held;
    state now = state::reading_head;
    refusal why;
    std::optional<http::request_parser<http::string_body>> parser;

    parsing() { begin(); }

    void begin();
    state advance();
    state put_some(state while_unfinished);
    state judge_head();
    state refuse(int status, errc code, std::string detail);
    state refuse(const boost::system::error_code& failure);
    [[nodiscard]] std::size_t count(http::field name) const;
};

void request_reader::parsing::begin() {
    parser.emplace();
    parser->header_limit(limits::http_header_bytes);
    parser->body_limit(limits::http_body_bytes);
    now = state::reading_head;
}

request_reader::state request_reader::parsing::advance() {
    if (now == state::reading_head) {
        now = put_some(state::reading_head);
        if (now == state::reading_head && parser->is_header_done()) now = judge_head();
    }
    if (now == state::reading_body) {
        parser->eager(true);
        if (!parser->is_done()) now = put_some(state::reading_body);
        if (now == state::reading_body && parser->is_done()) now = state::complete;
    }
    return now;
}

/// The parser takes one piece at a time: the head, then what there is of the body.
request_reader::state request_reader::parsing::put_some(state while_unfinished) {
    while (!held.empty()) {
        boost::system::error_code failure;
        const auto taken = parser->put(boost::asio::buffer(held), failure);
        held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(taken));
        if (failure == http::error::need_more) break;
        if (failure) return refuse(failure);
        if (while_unfinished == state::reading_head ? parser->is_header_done() : parser->is_done()) break;
    }
    return while_unfinished;
}

request_reader::state request_reader::parsing::judge_head() {
    const auto& head = parser->get();
    if (count(http::field::transfer_encoding) != 0) {
        return refuse(501, errc::not_implemented, "send a Content-Length instead of a Transfer-Encoding");
    }
    if (count(http::field::host) > 1 || count(http::field::origin) > 1 ||
        count(http::field::authorization) > 1 || count(http::field::cookie) > 1) {
        return refuse(400, errc::malformed, "a header stands there twice");
    }
    if (head.target().empty() || head.target().front() != '/') {
        return refuse(400, errc::malformed, "the target is no path");
    }
    return state::reading_body;
}

std::size_t request_reader::parsing::count(http::field name) const {
    return parser->get().count(name);
}

request_reader::state request_reader::parsing::refuse(int status, errc code, std::string detail) {
    why = {status, error{code, std::move(detail)}};
    return now = state::refused;
}

request_reader::state request_reader::parsing::refuse(const boost::system::error_code& failure) {
    if (failure == http::error::header_limit)
        return refuse(431, errc::too_large, "the headers are too large");
    if (failure == http::error::body_limit) return refuse(413, errc::too_large, "the body is too large");
    if (failure == http::error::bad_transfer_encoding) {
        return refuse(501, errc::not_implemented, "send a Content-Length instead of a Transfer-Encoding");
    }
    return refuse(400, errc::malformed, failure.message());
}

request_reader::request_reader() : parsing_(std::make_unique<parsing>()) {}

request_reader::~request_reader() = default;
request_reader::request_reader(request_reader&&) noexcept = default;
request_reader& request_reader::operator=(request_reader&&) noexcept = default;

request_reader::state request_reader::feed(byte_view arrived) {
    parsing_->held.insert(parsing_->held.end(), arrived.begin(), arrived.end());
    return parsing_->advance();
}

request_reader::state request_reader::next() {
    parsing_->begin();
    return parsing_->advance();
}

bool request_reader::begun() const {
    return !parsing_->held.empty() || parsing_->parser->got_some() || parsing_->now != state::reading_head;
}

http_request request_reader::take() {
    PARLEY_ASSERT(parsing_->now == state::complete);
    auto& message = parsing_->parser->get();
    http_request request;
    request.method = std::string{message.method_string()};
    const std::string target{message.target()};
    const auto question = std::min(target.find('?'), target.size());
    request.path = target.substr(0, question);
    if (question < target.size()) request.query = target.substr(question + 1);
    for (const auto& field : message) {
        request.headers.emplace_back(std::string{field.name_string()}, std::string{field.value()});
    }
    request.body = std::move(message.body());
    return request;
}

bool request_reader::keep_alive() const {
    return parsing_->now == state::complete && parsing_->parser->get().keep_alive();
}

bytes request_reader::rest() const {
    return parsing_->held;
}

const request_reader::refusal& request_reader::why_refused() const {
    return parsing_->why;
}

}  // namespace parley
