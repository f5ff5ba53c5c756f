#pragma once

// amqp.h uses struct timeval without including it.
#include <sys/time.h>

#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#include <rabbitmq-c/ssl_socket.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#endif

// Macros with casts, which Swift can't see.
static const amqp_method_number_t tandem_amqp_connection_close = AMQP_CONNECTION_CLOSE_METHOD;
static const amqp_method_number_t tandem_amqp_channel_close = AMQP_CHANNEL_CLOSE_METHOD;
static const amqp_method_number_t tandem_amqp_deliver = AMQP_BASIC_DELIVER_METHOD;
static const amqp_method_number_t tandem_amqp_cancel = AMQP_BASIC_CANCEL_METHOD;
static const amqp_method_number_t tandem_amqp_ack = AMQP_BASIC_ACK_METHOD;
static const amqp_method_number_t tandem_amqp_nack = AMQP_BASIC_NACK_METHOD;
static const amqp_flags_t tandem_amqp_event_flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG
    | AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TIMESTAMP_FLAG | AMQP_BASIC_TYPE_FLAG;
static const amqp_flags_t tandem_amqp_message_id_flag = AMQP_BASIC_MESSAGE_ID_FLAG;
static const amqp_flags_t tandem_amqp_headers_flag = AMQP_BASIC_HEADERS_FLAG;

// Variadic in C.
static inline amqp_rpc_reply_t tandem_amqp_login(
    amqp_connection_state_t connection, const char *vhost, int frame_max, int heartbeat, const amqp_table_t *properties,
    const char *user, const char *password) {
    return amqp_login_with_properties(
        connection, vhost, 0, frame_max, heartbeat, properties, AMQP_SASL_METHOD_PLAIN, user, password);
}
