#include "tests/integration/cluster/front.hpp"

#include "tests/support/http_client.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/waiting.hpp"

#include <csignal>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>

namespace parley::testing {
namespace {

using namespace std::chrono_literals;

constexpr const char* program = "/usr/sbin/nginx";

std::string filled_in(std::string text, const std::map<std::string, std::string>& values) {
    for (const auto& [name, value] : values) {
        const auto mark = "${" + name + "}";
        for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at + value.size()))
            text.replace(at, mark.size(), value);
    }
    return text;
}

std::string local(std::uint16_t port) {
    return "127.0.0.1:" + std::to_string(port);
}

}  // namespace

front::front(std::uint16_t first, std::uint16_t second) : port_(free_port()) {
    if (!std::filesystem::exists(program))
        throw std::runtime_error{std::string{program} +
                                 " is missing: install nginx, or run scripts/setup --tests"};
    give_to_daemons(folder_.path());
    const auto file = folder_.path() / "nginx.conf";
    std::ofstream{file} << filled_in(bytes_of(PARLEY_NGINX_CONF), {{"PROXY_LISTEN", local(port_)},
                                                                   {"PROXY_FOLDER", folder_.path().string()},
                                                                   {"PROXY_TO_1", local(first)},
                                                                   {"PROXY_TO_2", local(second)}});
    process_ = std::make_unique<daemon>(
        std::vector<std::string>{program, "-e", "stderr", "-c", file.string(), "-g", "daemon off;"},
        folder_.path() / "output", SIGTERM);
    const auto answers = [this] {
        try {
            return http_client{port_}.get("/health").status == 200;
        } catch (const http_failure&) {
            return process_->ended();
        }
    };
    if (!wait_until(15s, answers) || process_->ended())
        throw std::runtime_error{"nginx did not start: " + bytes_of(folder_.path() / "output")};
}

void front::reload() const {
    process_->signal(SIGHUP);
}

}  // namespace parley::testing
