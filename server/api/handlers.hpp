#pragma once

#include "server/api/context.hpp"

/// One function for each call over HTTP. Those that say *front* run on the front thread and must not block;
/// the others run on a reader. Each answers exactly once.
namespace parley {

// accounts.cpp
void create_account(api_context& api, call request);  ///< front

// sessions.cpp
void sign_in(api_context& api, call request);       ///< front
void show_session(api_context& api, call request);  ///< front
void sign_out(api_context& api, call request);

// tokens.cpp
void create_token(api_context& api, call request);
void list_tokens(api_context& api, call request);
void delete_token(api_context& api, call request);

// invites.cpp
void create_invite(api_context& api, call request);
void list_invites(api_context& api, call request);
void delete_invite(api_context& api, call request);

// rooms.cpp
void show_rooms(api_context& api, call request);
void create_room(api_context& api, call request);  ///< front
void join_room(api_context& api, call request);    ///< front
void leave_room(api_context& api, call request);   ///< front
void show_members(api_context& api, call request);

// messages.cpp
void show_messages(api_context& api, call request);
void send_message(api_context& api, call request);  ///< front

/// {"user":{"id","username"}}
[[nodiscard]] http_response user_answer(int status, user_id id, const std::string& name);

/// Makes a login by cookie and puts it on the answer.
[[nodiscard]] result<http_response> with_new_session(api_context& api, http_response response, user_id user);

/// Everybody is in `general` by an op of their own. Repeating it changes nothing. `done` may be empty.
void join_general(api_context& api, user_id user, const std::string& name, std::function<void()> done);

/// Fails with `no_such_room` or `not_member`.
[[nodiscard]] result<void> check_member(room_store& rooms, room_id room, user_id user);

}  // namespace parley
