#include "server/ops/client_parameters.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>

namespace parley {
namespace {

struct parameter {
    std::string_view name;
    std::uint32_t least, most;
};

/// The shell holds the same table against what it is told (web/src/page/parameters.ts).
constexpr parameter parameters[] = {
    {"backoff_min_ms", 10, 60'000},
    {"backoff_max_ms", 10, 600'000},
    {"backoff_reset_ms", 10, 600'000},
    {"attempts", 1, 1'000},
    {"failed_retry_ms", 10, 600'000},
    {"connect_timeout_ms", 100, 600'000},
    {"ping_interval_ms", 100, 600'000},
    {"ping_timeout_ms", 100, 600'000},
    {"ping_misses", 1, 100},
    {"answer_timeout_ms", 1'000, 600'000},
    {"worker_silence_ms", 500, 600'000},
};

bool read_one(client_parameters& into, std::string_view text) {
    const auto equals = text.find('=');
    if (equals == text.npos) return false;
    const auto* known = std::find_if(std::begin(parameters), std::end(parameters), [&](const parameter& one) {
        return one.name == text.substr(0, equals);
    });
    if (known == std::end(parameters)) return false;
    std::uint32_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, wrong] = std::from_chars(text.data() + equals + 1, end, value);
    if (wrong != std::errc{} || stop != end || value < known->least || value > known->most) return false;
    into.values[std::string{known->name}] = value;
    return true;
}

}  // namespace

std::string client_parameters::to_json() const {
    std::string json = "{";
    for (const auto& [name, value] : values)
        json += (json.size() > 1 ? ",\"" : "\"") + name + "\":" + std::to_string(value);
    return json + "}";
}

bool read_client_parameters(client_parameters& into, const std::string& text) {
    client_parameters read;
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto comma = std::min(rest.find(','), rest.size());
        if (!read_one(read, rest.substr(0, comma))) return false;
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    into = std::move(read);
    return true;
}

const std::string& allowed_client_parameters() {
    static const std::string text = [] {
        std::string all;
        for (const auto& one : parameters)
            all += (all.empty() ? "" : ", ") + std::string{one.name} + "=" + std::to_string(one.least) +
                   ".." + std::to_string(one.most);
        return all;
    }();
    return text;
}

}  // namespace parley
