#include "server/net/response_head.hpp"

#include <array>
#include <ctime>

namespace parley {
namespace {

constexpr std::string_view content_security_policy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types lit-html parley-worker";

constexpr std::pair<int, std::string_view> reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {421, "Misdirected Request"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
};

std::string_view reason_of(int status) {
    for (const auto& [known, reason] : reasons) {
        if (known == status) return reason;
    }
    return "Unknown";
}

std::string date(std::int64_t wall_s) {
    const auto time = static_cast<std::time_t>(wall_s);
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::array<char, 40> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

void put(std::string& head, std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string response_head(const http_response& response, const http_headers& standing, bool keep_alive,
                          std::int64_t wall_s) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + ' ';
    head.append(reason_of(response.status)).append("\r\n");
    put(head, "Date", date(wall_s));
    if (!response.content_type.empty()) put(head, "Content-Type", response.content_type);
    if (response.status != 204 && response.status != 304) {
        put(head, "Content-Length", std::to_string(response.body.size()));
    }
    if (!keep_alive) put(head, "Connection", "close");
    for (const auto& [name, value] : response.headers)
        put(head, name, value);
    for (const auto& [name, value] : standing)
        put(head, name, value);
    return head.append("\r\n");
}

http_headers security_headers() {
    return {{"Content-Security-Policy", std::string{content_security_policy}},
            {"X-Content-Type-Options", "nosniff"},
            {"Referrer-Policy", "no-referrer"},
            {"Cross-Origin-Opener-Policy", "same-origin"},
            {"Cross-Origin-Resource-Policy", "same-origin"}};
}

}  // namespace parley
