// Small networks for tests of layers. A new layer type needs a network here.
#pragma once

#include <stddef.h>

// Layers of small networks in JSON with single quotes. Together they have every layer type, at one position and at
// several, with and without a bias.
static const struct {
    size_t context;
    const char *layers;
} NETWORKS[] = {
    {1, "{'type':'embedding','dim':'vocab'}"},
    {3, "{'type':'embedding','dim':4},{'type':'flatten'},{'type':'linear','out':17},{'type':'tanh'},"
        "{'type':'linear','out':'vocab'}"},
    {4, "{'type':'embedding','dim':5},{'type':'flatten','n':2},"
        "{'type':'linear','out':6,'bias':{'normal':1}},{'type':'tanh'},{'type':'flatten','n':2},"
        "{'type':'linear','out':16,'bias':false},{'type':'relu'},{'type':'linear','out':'vocab'}"},
    {2, "{'type':'embedding','dim':3},{'type':'linear','out':8},{'type':'relu'},"
        "{'type':'linear','out':5},{'type':'tanh'},{'type':'flatten'},"
        "{'type':'linear','out':'vocab','weight':{'uniform':0.5},'bias':'ones'}"},
    {2, // networks that end in a layer whose backward pass reads its own output
     "{'type':'embedding','dim':3},{'type':'flatten'},{'type':'linear','out':'vocab'},{'type':'tanh'}"},
    {3, // batch norm as part 3 has it: no epsilon, running deviations
     "{'type':'embedding','dim':4},{'type':'flatten'},{'type':'linear','out':17,'bias':false},"
     "{'type':'batchnorm','eps':0,'momentum':0.001,'running':'deviation'},{'type':'tanh'},"
     "{'type':'linear','out':'vocab'}"},
    {4, // over several positions, and last
     "{'type':'embedding','dim':5},{'type':'flatten','n':2},{'type':'linear','out':6,'bias':false},"
     "{'type':'batchnorm','unbiased':false,'gain':{'normal':0.1,'mean':1},'bias':{'normal':0.1}},"
     "{'type':'tanh'},{'type':'flatten','n':2},{'type':'linear','out':'vocab','bias':false},"
     "{'type':'batchnorm','gain':{'constant':0.5}}"},
    {1, "{'type':'embedding','dim':'vocab'},{'type':'relu'},{'type':'flatten'}"},
    {2, "{'type':'embedding','dim':3},{'type':'sigmoid'},{'type':'flatten'},{'type':'linear','out':'vocab'},"
        "{'type':'sigmoid'}"},
    {4, // layers that hold layers; whole names
     "{'type':'embedding','dim':5},{'type':'residual','layers':[{'type':'linear','out':6},"
     "{'type':'residual','layers':[{'type':'tanh'}]},{'type':'linear','out':5,'bias':{'normal':1}}]},"
     "{'type':'residual','layers':[{'type':'relu'}]},{'type':'linear','out':'vocab'}"},
    {4, "{'type':'embedding','dim':5},{'type':'layernorm','gain':{'normal':0.1,'mean':1},'bias':{'normal':0.1}},"
        "{'type':'linear','out':17},{'type':'gelu'},{'type':'layernorm','bias':false},"
        "{'type':'linear','out':'vocab'}"},
    {2, "{'type':'embedding','dim':4},{'type':'dropout','share':0.3},{'type':'linear','out':'vocab'},"
        "{'type':'dropout','share':0}"},
    {3, "{'type':'embedding','dim':16},{'type':'rmsnorm','gain':false},{'type':'linear','out':6},{'type':'gelu'},"
        "{'type':'flatten'},{'type':'rmsnorm','gain':{'normal':0.1,'mean':1}},{'type':'linear','out':'vocab'}"},
    {5, "{'type':'embedding','dim':4},{'type':'residual','layers':[{'type':'causal_mean'}]},"
        "{'type':'linear','out':'vocab'}"},
    {5, "{'type':'embedding','dim':4},{'type':'window','n':3,'order':'newest'},{'type':'linear','out':6},"
        "{'type':'tanh'},{'type':'linear','out':'vocab'}"},
    {3, "{'type':'embedding','dim':3},{'type':'tanh'},{'type':'window','n':2},{'type':'flatten'},"
        "{'type':'linear','out':'vocab'}"},
    {5, "{'type':'embedding','dim':4},{'type':'rnn','out':17,'start':{'normal':1}},{'type':'linear','out':'vocab'}"},
    {3, "{'type':'embedding','dim':3},{'type':'rnn','out':5,'bias':false},{'type':'linear','out':'vocab'}"},
    {5, "{'type':'embedding','dim':4},{'type':'gru','out':6,'bias':{'normal':1},'start':{'normal':1}},"
        "{'type':'linear','out':'vocab'}"},
    {3, "{'type':'embedding','dim':3},{'type':'gru','out':5,'bias':false},{'type':'flatten'},"
        "{'type':'linear','out':'vocab'}"},
    {5, "{'type':'embedding','dim':4},{'type':'lstm','out':6,'bias':{'normal':1}},{'type':'linear','out':'vocab'}"},
    {3, "{'type':'embedding','dim':3},{'type':'lstm','out':5,'bias':false},{'type':'lstm','out':4},"
        "{'type':'flatten'},{'type':'linear','out':'vocab'}"},
    {5, // attention with one matrix and with three, with and without biases; whole names
     "{'type':'embedding','dim':6},{'type':'position','weight':{'normal':0.5}},{'type':'attention','heads':2},"
     "{'type':'residual','layers':[{'type':'attention','heads':3,'fused':false,'bias':{'normal':1}}]},"
     "{'type':'linear','out':16},{'type':'attention','heads':1,'bias':false},"
     "{'type':'attention','heads':4,'fused':false,'bias':false},{'type':'linear','out':'vocab'}"},
    {3, // positions of a context
     "{'type':'embedding','dim':4},{'type':'position'},{'type':'attention','heads':2,'bias':'ones'},"
     "{'type':'flatten'},{'type':'linear','out':'vocab'}"},
};

enum { N_NETWORKS = sizeof NETWORKS / sizeof *NETWORKS };
