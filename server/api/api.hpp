#pragma once

#include "server/api/context.hpp"
#include "server/api/login_watch.hpp"
#include "server/net/api_port.hpp"

#include <memory>
#include <optional>
#include <string>

namespace parley {

/// What programs and the shell ask over HTTP; docs/HTTP.md lists it. Hashing and the store have threads of
/// their own, so the front thread never waits.
class api : public http_api {
public:
    /// Reads whether there are users. Fails with `unavailable` where the store does.
    [[nodiscard]] static result<std::unique_ptr<api>> make(const config& options, api_ports ports);

    [[nodiscard]] result<void> check_host(const http_request& request) const override;
    [[nodiscard]] result<void> check_upgrade_origin(const http_request& request) const override;
    void authenticate_upgrade(const http_request& request, upgrade_answer answer) override;
    [[nodiscard]] std::string address_of(const http_request& request) const override;
    void handle(http_request request, http_respond respond) override;
    [[nodiscard]] http_response refusal(const error& why) const override;

    /// What the owner types as an invitation, to be printed at start. None: nobody needs it.
    [[nodiscard]] std::optional<std::string> set_up_code() const;

private:
    api(const config& options, api_ports ports) : context_(options, std::move(ports)) {}

    api_context context_;
    std::optional<login_watch> watch_;  ///< ends first
};

}  // namespace parley
